"""The one way from a screen to a blocking call: in a thread, ending in a value or a CartrailError.

This is the only module of the terminal that catches everything. A fault of ours must not take the terminal
down in the middle of a handoff: it is logged in full and shown as what it is, an internal error.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast

from textual.dom import DOMNode
from textual.message import Message
from textual.worker import Worker

from schema.errors import CartrailError, Unforeseen
from tui.language import tr

INTERNAL_ERROR: Final = "internal_error"

_log = logging.getLogger("cartrail.tui")

T = TypeVar("T")


@dataclass
class JobFailed(Message):
    """A job started with `start` said no, or could not be done."""

    job: str
    """The name given to `start`."""
    error: CartrailError


async def guarded(work: Awaitable[T]) -> T:
    """The value of the work; whatever goes wrong in it is raised as a CartrailError."""
    try:
        return await work
    except CartrailError as error:
        if isinstance(error, Unforeseen):
            _log.exception("A fault over one request.")
        if error.details:
            _log.warning("%s: %s", error.code, error.details)
        raise
    except Exception as error:
        _log.exception("A fault in the terminal.")
        raise CartrailError(
            tr("cartrail met a fault of its own: {name}.", name=type(error).__name__),
            remedy=tr("Look at the board to see what was recorded, then report the fault with the log file."),
            code=INTERNAL_ERROR,
        ) from error


async def in_thread(work: Callable[[], T]) -> T:
    """The value of a blocking call, made in a thread while the screen stays alive; raises CartrailError.

    The thread does not keep the program open: who leaves need not wait for a server that does not answer.
    """
    return await guarded(in_daemon_thread(work))


async def in_daemon_thread(work: Callable[[], T]) -> T:
    """The value of a blocking call in a thread that ends with the program, or what was raised in it."""
    loop = asyncio.get_running_loop()
    value: asyncio.Future[T] = loop.create_future()
    context = copy_context()

    def settle(made: T | None, error: BaseException | None) -> None:
        if value.done():  # nobody waits for it any more
            return
        if error is not None:
            value.set_exception(error)
        else:
            value.set_result(cast("T", made))

    def run() -> None:
        made, failed = None, None
        try:
            made = context.run(work)
        except BaseException as error:  # noqa: BLE001  it is raised again where the value is awaited
            failed = error
        with suppress(RuntimeError):  # the terminal has closed meanwhile
            loop.call_soon_threadsafe(settle, made, failed)

    threading.Thread(target=run, name="cartrail-work", daemon=True).start()
    return await value


def start(node: DOMNode, work: Callable[[], T], *, job: str, done: Callable[[T], Message]) -> Worker[None]:
    """Run a blocking call for a screen and post `done(value)` or `Failed(job, error)` to it.

    A newer start of the same job replaces the older one, whose outcome is then dropped.
    """

    async def outcome() -> None:
        try:
            value = await in_thread(work)
        except CartrailError as error:
            node.post_message(JobFailed(job, error))
        else:
            node.post_message(done(value))

    return run_alone(node, outcome, group=job)


def run_alone(node: DOMNode, work: Callable[[], Coroutine[Any, Any, None]], *, group: str) -> Worker[None]:
    """Run it in place of what runs in its group.

    It takes the function and not its coroutine: one that is replaced before it began would never be awaited.
    """
    return node.run_worker(work, name=group, group=group, exclusive=True)
