"""Where things are: the database, the configuration folder and this station, from options and environment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

import platformdirs

from schema.errors import InputError
from schema.identifiers import short_name

APPLICATION = "cartrail"
DATABASE_VARIABLE = "CARTRAIL_DATABASE"
STATION_VARIABLE = "CARTRAIL_STATION"
CONFIG_VARIABLE = "CARTRAIL_CONFIG"
IDLE_VARIABLE = "CARTRAIL_IDLE_MINUTES"
IDLE_MINUTES = 5
"""Without a key for so long, a terminal locks itself."""

IDLE_MINUTES_MAX = 60
GLYPHS_VARIABLE = "CARTRAIL_GLYPHS"
GLYPHS = ("auto", "full", "safe", "ascii")
"""Which shapes a terminal draws; `auto` goes by its name and encoding."""

GLYPHS_FILE = "glyphs"
KEYS_FOLDER = "keys"
STATION_FILE = "station"
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_FILE: Final = "sqlite:///"


@dataclass(frozen=True, slots=True)
class Settings:
    """What one run of the program works with."""

    database: str
    """An SQLAlchemy URL."""

    config: Path
    """Where keys lie; never in the database."""

    station: str | None = None

    idle: timedelta = timedelta(minutes=IDLE_MINUTES)
    """How long a terminal waits for a key before it locks itself."""

    glyphs: str = GLYPHS[0]

    @property
    def shown_database(self) -> str:
        """The database as messages show it: the path of a file, or the URL without its password."""
        from tracker.ledger.creation import shown

        return shown(self.database)

    @classmethod
    def of(
        cls,
        *,
        database: str | None = None,
        station: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Settings:
        """Settings from the options given, then the environment, then this user's folders."""
        known = os.environ if environment is None else environment
        url = database_url(database or known.get(DATABASE_VARIABLE) or default_database())
        config = known.get(CONFIG_VARIABLE)
        return cls(
            database=url,
            config=Path(config) if config else config_of(url),
            station=station or known.get(STATION_VARIABLE) or None,
            idle=idle_time(known.get(IDLE_VARIABLE)),
            glyphs=glyphs_choice(known.get(GLYPHS_VARIABLE)),
        )


def idle_time(text: str | None) -> timedelta:
    """The idle time as it was set, whole minutes from 1 to 60; raises InputError for anything else."""
    if not text:
        return timedelta(minutes=IDLE_MINUTES)
    if not text.isdecimal() or not 1 <= int(text) <= IDLE_MINUTES_MAX:
        raise InputError(
            f"{IDLE_VARIABLE} is {text[:20]!r}, which is no number of minutes from 1 to {IDLE_MINUTES_MAX}.",
            remedy=f"Set it to whole minutes, or leave it out for {IDLE_MINUTES}.",
        )
    return timedelta(minutes=int(text))


def glyphs_choice(text: str | None) -> str:
    """The shapes as they were chosen, one of `GLYPHS`; raises InputError for anything else."""
    choice = (text or GLYPHS[0]).lower()
    if choice not in GLYPHS:
        raise InputError(
            f"{GLYPHS_VARIABLE} is {choice[:20]!r}, which is none of {', '.join(GLYPHS)}.",
            remedy=f"Set it to one of them, or leave it out for {GLYPHS[0]}.",
        )
    return choice


def config_of(url: str) -> Path:
    """Where a store's keys lie: in `keys` beside its file where there is one, else with this user."""
    if url.startswith(_FILE):
        beside = Path(unquote(url.removeprefix(_FILE))).parent / KEYS_FOLDER
        if beside.is_dir():
            return beside
    return platformdirs.user_config_path(APPLICATION)


def default_database() -> str:
    """The store in this user's data folder."""
    return str(platformdirs.user_data_path(APPLICATION) / "cartrail.db")


def station_file(config: Path, origin: str) -> Path:
    """Where a machine keeps which station of a store it is: beside its keys of that store."""
    from tracker.evidence.log_keys import key_folder

    return key_folder(config, origin) / STATION_FILE


def remembered_station(config: Path, origin: str) -> str | None:
    """The station of a store that this machine is; None where that was never said.

    Raises InputError for a file that names no station.
    """
    path = station_file(config, origin)
    try:
        text = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path} cannot be read.", remedy="Write it again: `cartrail station use STATION`."
        ) from error
    return short_name(text, what=f"The station in {path}")


def remember_station(config: Path, origin: str, station: str) -> None:
    """Let this machine be that station of the store from now on."""
    path = station_file(config, origin)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_text(station + "\n", encoding="utf-8")


def remembered_glyphs(config: Path, origin: str) -> str:
    """The shapes that somebody chose at this machine, one of `GLYPHS`; `auto` where nobody did."""
    try:
        return glyphs_choice(_glyphs_file(config, origin).read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError, InputError):
        return GLYPHS[0]  # shapes are no reason not to open a terminal


def remember_glyphs(config: Path, origin: str, choice: str) -> None:
    """Let this machine draw these shapes from now on; raises OSError where that cannot be written."""
    path = _glyphs_file(config, origin)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_text(glyphs_choice(choice) + "\n", encoding="utf-8")


def _glyphs_file(config: Path, origin: str) -> Path:
    return station_file(config, origin).with_name(GLYPHS_FILE)


def demo_folder() -> Path:
    """Where the demo keeps its own database, keys and printed papers."""
    return platformdirs.user_data_path(APPLICATION) / "demo"


def database_url(text: str) -> str:
    """A database URL; without `scheme://` it is a file's path, character for character."""
    if _SCHEME.match(text):
        return text
    return _FILE + quote(str(Path(text).expanduser().absolute()))
