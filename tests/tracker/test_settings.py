"""What names the store: a path is a file, character for character; a URL is a URL."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracker.ledger.creation import shown
from tracker.settings import config_of, database_url, remember_glyphs, remembered_glyphs, station_file
from tracker.tracker import Tracker


@pytest.mark.parametrize(
    "name",
    ["s.db", "a?b/s.db", "p/100%25/s.db", "p/100%/s.db", "a b#c/s.db", "semi;colon&and=is.db", "Zürich/s.db"],
)
def test_findings_c9_a_path_is_taken_character_for_character(tmp_path: Path, name: str) -> None:
    """The file that is meant is the one that is named, and the keys beside it are found."""
    path = tmp_path / name
    (path.parent / "keys").mkdir(parents=True, exist_ok=True)
    url = database_url(str(path))
    assert shown(url) == str(path)
    assert config_of(url) == path.parent / "keys"


def test_findings_c9_a_scheme_makes_it_a_url() -> None:
    """`://` alone makes no URL: a scheme begins with a letter and stands in front."""
    assert database_url("postgresql://hub@db/cartrail") == "postgresql://hub@db/cartrail"
    assert database_url("/srv/1://x.db") == "sqlite:////srv/1%3A//x.db".replace("//x", "/x")


def test_findings_c9_another_file_is_never_made(tmp_path: Path) -> None:
    """Opening what is not there leaves the folder as it was."""
    from schema.errors import CartrailError

    with pytest.raises(CartrailError):
        Tracker.open(url=database_url(str(tmp_path / "a?b.db")))
    assert list(tmp_path.iterdir()) == []


def test_the_shapes_of_a_machine_are_kept_beside_its_keys(tmp_path: Path) -> None:
    """Given none or a damaged file, then the terminal goes by its own name; what was chosen comes back."""
    origin = "cartrail/demo/x"
    assert remembered_glyphs(tmp_path, origin) == "auto"
    remember_glyphs(tmp_path, origin, "safe")
    assert remembered_glyphs(tmp_path, origin) == "safe"
    station_file(tmp_path, origin).with_name("glyphs").write_text("emoji", encoding="utf-8")
    assert remembered_glyphs(tmp_path, origin) == "auto"
