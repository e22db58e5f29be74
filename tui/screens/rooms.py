"""The screens that home opens by a key of their own; a new one is a line here and nothing in home."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual.screen import Screen

from tui.commands import Command
from tui.looking import Subject
from tui.screens.board import BoardScreen
from tui.session import Session


class Board(Command):
    """See every therapy: where it is, what is due, what is late."""

    key = "f6"
    footer = "Board"
    palette = "Show the board"


@dataclass(frozen=True, slots=True)
class Room:
    """A command of home and the screen it opens, with what is on the screen at that moment."""

    command: type[Command]
    open: Callable[[Session, Subject | None], Screen[None]]
    why_not: Callable[[Session, Subject | None], str | None] = lambda _, __: None
    """Why it cannot be entered now, in a sentence; None when it can."""


ROOMS: tuple[Room, ...] = (Room(Board, lambda session, _: BoardScreen(session)),)


def room_of(command: type[Command]) -> Room | None:
    """The room a command leads to."""
    return next((room for room in ROOMS if room.command is command), None)
