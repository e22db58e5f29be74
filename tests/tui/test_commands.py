"""Commands are Textual's actions: each has one, and what stands in its way is asked in one place and said."""

from __future__ import annotations

import inspect
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import pytest
from textual.actions import parse
from textual.binding import Binding
from textual.screen import Screen

import tui.screens
from schema.identifiers import COMMANDS
from tests.support.terminal import BenchApp, burst, settle
from tui.answers import ok
from tui.app import CartrailApp
from tui.commands import FIXED, NOT_HERE, AnswersKeys, Command, TakesCommands, key_words
from tui.framing import TERMINATORS
from tui.screens.acting import ActingScreen
from tui.screens.handoff import HandoffScreen
from tui.screens.shipments import ShipmentsScreen
from tui.screens.stop import ReadStop
from tui.training import TrainingApp

ALL = sorted(
    {
        one
        for module in walk_packages(tui.screens.__path__, "tui.screens.")
        for _, one in inspect.getmembers(import_module(module.name), inspect.isclass)
        if issubclass(one, Screen) and one.__module__.startswith("tui.screens.")
    },
    key=lambda one: one.__name__,
)
SCREENS = [one for one in ALL if issubclass(one, TakesCommands)]
TAKEN = {one.key for app in (CartrailApp, TrainingApp) for one in app.BINDINGS if isinstance(one, Binding)}
ACTING = [one for one in SCREENS if issubclass(one, ActingScreen)]


@pytest.mark.parametrize("screen", ACTING, ids=lambda one: str(one.__name__))
def test_each_command_of_a_screen_has_its_action(screen: type[TakesCommands[Any]]) -> None:
    """A key without an action would answer nothing; a fixed one says what is not here."""
    for command in screen.commands():
        _, action, _ = parse(command.action())
        assert hasattr(screen, f"action_{action}") or command.name() in NOT_HERE, command


@pytest.mark.parametrize("screen", SCREENS, ids=lambda one: str(one.__name__))
def test_each_reason_belongs_to_an_action(screen: type[TakesCommands[Any]]) -> None:
    """`why_not_sign` on a screen without `action_sign` would never be asked."""
    for name in dir(screen):
        if name.startswith("why_not_"):
            assert hasattr(screen, f"action_{name.removeprefix('why_not_')}"), name


@pytest.mark.parametrize("screen", SCREENS, ids=lambda one: str(one.__name__))
def test_no_command_takes_the_place_of_an_action_of_textual(screen: type[TakesCommands[Any]]) -> None:
    """Textual's own keys call its actions by name."""
    for command in screen.commands():
        assert not hasattr(Screen, f"action_{command.name()}"), command


@pytest.mark.parametrize("screen", ACTING, ids=lambda one: str(one.__name__))
def test_the_codes_of_a_screen_are_on_the_command_card_and_its_commands(screen: type[ActingScreen]) -> None:
    """A code that nobody can print, or a command without a key, would be one way where there are two."""
    assert screen.codes.keys() <= set(COMMANDS.values())
    assert set(screen.codes.values()) <= set(screen.commands())


@pytest.mark.parametrize("screen", SCREENS, ids=lambda one: str(one.__name__))
def test_no_two_commands_of_a_screen_share_a_key(screen: type[TakesCommands[Any]]) -> None:
    """The second one would never be called, unless the first is impossible whenever it is possible.

    What the terminal itself binds, to lock it or to open the tray, comes before every screen.
    """
    keys = [command.key for command in screen.commands()]
    assert not TAKEN.intersection(keys)
    shared = {HandoffScreen: {"f6"}, ShipmentsScreen: {"f11"}}
    assert {key for key in keys if keys.count(key) > 1} == shared.get(screen, set())


KEYS = sorted({command.key for screen in SCREENS for command in screen.commands()} - TERMINATORS)
OPENED = [one for one in ALL if not one.__subclasses__()]


@pytest.mark.parametrize("screen", OPENED, ids=lambda one: str(one.__name__))
def test_every_screen_answers_a_key_that_it_does_not_have(screen: type[Screen[Any]]) -> None:
    """Who presses ^X by habit and hears nothing would go on as if they were signed out."""
    assert issubclass(screen, AnswersKeys)


async def test_no_key_of_any_screen_is_silent_where_it_does_nothing() -> None:
    """Each key of a command is done, refused, or said to be none here: in one sentence that names it."""
    app = BenchApp()
    async with app.run_test(size=(80, 24)) as pilot:
        own = {command.key for command in app.bench.offered()}
        for key in KEYS:
            if key in own:
                continue
            app.bench.answers.clear()
            await pilot.press(key)
            answer = app.bench.answers.answer
            assert answer is not None and answer.line.startswith(f"{key_words(key)}: "), key


async def test_key_palette_and_textual_agree_on_what_is_possible() -> None:
    """F10 has nothing to sign here: it is not in the footer, and palette and key say why."""
    app = BenchApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.bench.show(ok("here"))
        for command in FIXED:
            is_offered = command in app.bench.offered()
            assert (command.key in app.bench.active_bindings) is is_offered
            titles = {entry.title for entry in app.get_system_commands(app.screen)}
            assert (command.palette in titles) is is_offered
        await pilot.press("f10")
        burst(app, "")
        await settle(pilot)
        answer = app.bench.answers.answer
        assert answer is not None and answer.line == f"F10: {NOT_HERE['sign']}"


def test_every_command_that_is_not_fixed_is_on_a_screen() -> None:
    """A command on no screen is dead."""
    on_screens = {command for screen in SCREENS for command in screen.commands()}

    def below(command: type[Command]) -> set[type[Command]]:
        return {command, *(two for one in command.__subclasses__() for two in below(one))}

    left = {one for one in below(Command) if one.__module__.startswith("tui.") and "key" in vars(one)}
    assert left == {*on_screens, ReadStop}
