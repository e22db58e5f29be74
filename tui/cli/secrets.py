"""Passwords, PINs and one-time codes: from a file, a descriptor or the terminal, never from an argument."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from getpass import getpass
from pathlib import Path
from typing import Final

from schema.errors import InputError
from schema.toml_text import read_toml
from tui.cli.asking import TRIES_MAX
from tui.cli.ending import say
from tui.cli.options import SharedOptions
from tui.files import opened_file

FILE_BYTES_MAX: Final = 100_000
"""A network of thousands of people fits; what is larger is not a list of passwords."""

_GROUPS: Final = ("pins", "codes")


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret and whether a person typed it at the terminal just now."""

    text: str = field(repr=False)
    attended: bool


class SecretSource:
    """Where one run of the program takes secrets from; each is asked once."""

    def __init__(self, given: SharedOptions) -> None:
        self._given = given
        self._held: dict[str, Mapping[str, str]] | None = None
        self._piped: str | None = None

    def password(self, staff: str, *, purpose: str = "Password") -> Secret:
        """A person's password; raises InputError when nobody can be asked."""
        found = self._passwords().get(staff)
        if found is None and self._given.password_fd is not None and staff == self._given.staff:
            found = self._from_descriptor(self._given.password_fd)
        if found is not None:
            return Secret(found, attended=False)
        return Secret(_asked(f"{purpose} of {staff}: ", what=f"password of {staff}"), attended=True)

    def pin(self, staff: str) -> str:
        """A new PIN, asked twice at the terminal."""
        from tracker.values import PIN_LENGTH, checked_pin

        held = self._groups()["pins"].get(staff)
        if held is not None:
            return checked_pin(held)
        return _asked_twice(f"New PIN of {staff}, {PIN_LENGTH} digits", "PIN", checked_pin)

    def new_password(self, staff: str) -> Secret:
        """A password that is to be set, asked twice at the terminal."""
        held = self._passwords().get(staff)
        if held is not None:
            from tracker.values import checked_password

            return Secret(checked_password(held, staff=staff), attended=False)
        return Secret(self.replacement(staff), attended=True)

    def holds(self, staff: str) -> bool:
        """Whether a file says the password of a person, who then need not be there."""
        return staff in self._passwords()

    def replacement(self, staff: str) -> str:
        """Another password for somebody who has just given the old one; always typed."""
        from tracker.values import PASSWORD_MIN, checked_password

        return _asked_twice(
            f"New password of {staff}, at least {PASSWORD_MIN} characters",
            "password",
            lambda text: checked_password(text, staff=staff),
        )

    def one_time_code(self, staff: str) -> str:
        """The one-time code a person was given."""
        held = self._groups()["codes"].get(staff)
        return held or _asked(f"One-time code of {staff}: ", what=f"one-time code of {staff}")

    def _passwords(self) -> Mapping[str, str]:
        return self._groups()["passwords"]

    def _groups(self) -> Mapping[str, Mapping[str, str]]:
        if self._held is None:
            path = self._given.credentials
            self._held = _no_secrets() if path is None else read_credentials(path)
        return self._held

    def _from_descriptor(self, descriptor: int) -> str:
        if self._piped is None:
            from tracker.values import PASSWORD_BYTES_MAX

            # With one byte more than the longest password, so that a longer one is refused and not cut.
            most = PASSWORD_BYTES_MAX + 1
            try:
                line = b""
                while not line.endswith(b"\n") and len(line) < most:
                    byte = os.read(descriptor, 1)
                    if not byte:
                        break
                    line += byte
                self._piped = line.decode("utf-8-sig").removesuffix("\n")
            except (OSError, UnicodeDecodeError) as error:
                raise InputError(
                    f"No password can be read from the descriptor {descriptor}.",
                    remedy=f"Open it for reading, as in `cartrail ... --password-fd {descriptor} "
                    f"{descriptor}<FILE`, with the password in UTF-8 on its first line.",
                    code="bad_descriptor",
                ) from error
        return self._piped


def read_credentials(path: Path) -> dict[str, Mapping[str, str]]:
    """The passwords, PINs and codes of a TOML file that nobody else may read; raises InputError."""
    try:
        with opened_file(path) as file:
            state = os.fstat(file.fileno())
            if stat.S_IMODE(state.st_mode) & 0o177:
                raise InputError(
                    f"{path} has the mode {stat.S_IMODE(state.st_mode):04o}; passwords need 0600.",
                    remedy=f"chmod 600 {path}, and change the passwords if others could read it.",
                    code="credentials_open",
                )
            content = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.", code="no_credentials") from error
    try:
        if len(content) > FILE_BYTES_MAX:
            raise InputError(f"{path} is larger than {FILE_BYTES_MAX} bytes.", code="bad_credentials")
        return _groups_of(read_toml(content.decode("utf-8-sig")), path)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        # The reason is left out: it may quote a password.
        raise InputError(
            f"{path} is not a TOML file.", remedy='Write lines as STAFF = "password".', code="bad_credentials"
        ) from error


def _groups_of(data: Mapping[str, object], path: Path) -> dict[str, Mapping[str, str]]:
    passwords = {name: value for name, value in data.items() if name not in _GROUPS}
    groups = {"passwords": passwords, **{name: data.get(name, {}) for name in _GROUPS}}
    for values in groups.values():
        if not isinstance(values, Mapping) or not all(isinstance(value, str) for value in values.values()):
            raise InputError(
                f"{path} has a value that is not text.",
                remedy='Write lines as STAFF = "password", and PINs so below [pins].',
                code="bad_credentials",
            )
    return {name: {key: str(value) for key, value in dict(values).items()} for name, values in groups.items()}  # type: ignore[call-overload]


def _no_secrets() -> dict[str, Mapping[str, str]]:
    return {name: {} for name in ("passwords", *_GROUPS)}


def _asked(prompt: str, *, what: str) -> str:
    """A secret typed at the terminal without echo; raises InputError without a terminal."""
    try:
        # Without a terminal getpass would read the standard input, which may be requests.
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError as error:
        raise InputError(
            f"The {what} is needed, and there is no terminal to ask at.",
            remedy="Give --credentials FILE, or --password-fd N for the password of --as.",
            code="no_password",
        ) from error
    return getpass(prompt)


def _asked_twice(prompt: str, what: str, check: Callable[[str], str]) -> str:
    """A new secret, judged before it is asked again, so that nobody types the next for nothing."""
    for left in range(TRIES_MAX, 0, -1):
        try:
            first = check(_asked(f"{prompt}: ", what=what))
            if first == check(_asked("The same again: ", what=what)):
                return first
            raise InputError(
                f"The {what} was typed in two ways.", remedy="Type it again.", code="typed_in_two_ways"
            )
        except InputError as error:
            if left == 1 or error.code == "no_password":
                raise
            say(error.message)
            say(error.remedy)
    raise InputError(f"No {what} was chosen.")
