"""What a command asks at the terminal when no option says it; each answer is judged when it is typed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final, TypeVar

from schema.errors import InputError
from tui.cli.ending import say

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

TRIES_MAX: Final = 5
"""Who has answered wrongly so often is not at this terminal, or needs the guide."""


def can_ask() -> bool:
    """Whether somebody is there who could answer: the input is a terminal, and so is where questions go."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def require(given: Mapping[str, object]) -> None:
    """Raise InputError that names every option which is missing where nobody can be asked."""
    missing = [option for option, value in given.items() if not value]
    if missing and not can_ask():
        raise InputError(
            f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing.",
            remedy="Give each as an option, or run the command in a terminal, where it asks.",
            code="missing_option",
        )


def asked(question: str, read: Callable[[str], T]) -> T:
    """The answer to a question as `read` takes it; what `read` refuses is said and asked again.

    Raises InputError when the input ends, or after so many wrong answers.
    """
    for left in range(TRIES_MAX, 0, -1):
        print(f"{question}: ", end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line:
            break
        try:
            return read(line.strip())
        except InputError as error:
            if left == 1:
                raise
            say(error.message)
            say(error.remedy)
    raise InputError("The input ended before every question was answered.", code="no_answer")


def chosen_of(question: str, choices: type[E], *, default: E | None = None) -> E:
    """One word of a closed list."""
    words = ", ".join(one.value for one in choices)
    ending = f" [{default.value}]" if default is not None else ""

    def read(text: str) -> E:
        if not text and default is not None:
            return default
        try:
            return choices(text.lower().replace(" ", "_"))
        except ValueError as error:
            raise InputError(f'"{text[:40]}" is none of them.', remedy=f"Type one of {words}.") from error

    return asked(f"{question} ({words}){ending}", read)


def given_or_asked(given: str | None, question: str, read: Callable[[str], T]) -> T:
    """What an option says, else what is asked; both are judged alike."""
    return asked(question, read) if given is None else read(given)


def text_of(what: str) -> Callable[[str], str]:
    """Takes any text that is not empty."""

    def read(text: str) -> str:
        if not text:
            raise InputError(f"{what} is needed.", remedy="Type it, then Enter.")
        return text

    return read
