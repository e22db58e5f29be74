"""A database server that is gone for a while: how long a request waits for it, and who is told."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final, Protocol

from schema.errors import OutcomeUnknown, StoreBusy, StoreUnreachable

OUTAGE_SECONDS: Final = 60.0
"""How long a request waits for a server: longer than a failover of Patroni, which takes about 25 s."""

SHOWN_AFTER_SECONDS: Final = 2.0
STATEMENT_SECONDS: Final = 15.0
"""A statement that is not answered by then is cut off: a frozen server never says that it is gone."""

_TICK_SECONDS: Final = 0.5
_PAUSE_SECONDS: Final = (0.2, 0.6)

Trouble = StoreUnreachable | OutcomeUnknown | StoreBusy


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that waits for the server, as screens and commands show it."""

    seconds: float
    seconds_left: float
    """Until it is given up."""


class ServerWait:
    """The one deadline of a request, which begins when the server is first asked in vain."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._pauses = 0
        self._given_up = threading.Event()
        self.since: float | None = None

    @property
    def waiting(self) -> Waiting | None:
        """How long this request has waited; None while nothing was in vain."""
        return None if self.since is None else _waiting(self.since, self._seconds)

    def pause(self, trouble: Trouble, doubt: OutcomeUnknown | None = None) -> None:
        """Wait before the next attempt; raises the trouble, or the doubt before it, after the deadline."""
        if self.since is None:
            self.since = trouble.since or time.monotonic()
        _WATCH.add(self)
        # A connection that died while nobody used it is worth a new one at once.
        seconds = random.uniform(*_PAUSE_SECONDS) if self._pauses else 0.0  # noqa: S311  guards no secret
        over = time.monotonic() - self.since >= self._seconds
        if over or self._given_up.wait(seconds):
            raise doubt or trouble
        self._pauses += 1

    def give_up(self) -> None:
        """The deadline is now."""
        self._given_up.set()

    def go_on(self) -> None:
        """The server answers again, or the request has ended; the deadline stays for what is left of it."""
        _WATCH.remove(self)


_SECONDS: ContextVar[float] = ContextVar("cartrail_outage_seconds", default=OUTAGE_SECONDS)
_CURRENT: ContextVar[ServerWait | None] = ContextVar("cartrail_patience", default=None)


@contextmanager
def patience() -> Iterator[tuple[ServerWait, bool]]:
    """The patience of the request that runs, and whether it begins here; a part of a request has no other."""
    current = _CURRENT.get()
    if current is not None:
        yield current, False
        return
    own = ServerWait(_SECONDS.get())
    token = _CURRENT.set(own)
    try:
        yield own, True
    finally:
        own.go_on()
        # What reads page by page may be closed elsewhere than it was begun.
        with suppress(ValueError):
            _CURRENT.reset(token)


@contextmanager
def waiting_at_most(seconds: float) -> Iterator[None]:
    """Requests inside wait no longer than this for a server that is gone."""
    token = _SECONDS.set(seconds)
    try:
        yield
    finally:
        _SECONDS.reset(token)


class Asking(Protocol):
    """A connection that may wait for an answer."""

    @property
    def waiting(self) -> Waiting | None:
        """How long the statement that runs has had no answer; None while none runs."""

    def check(self) -> None:
        """Cut the connection where the statement had its time."""

    def cut(self) -> None:
        """Cut the connection where a statement has no answer, whatever time it had."""


Observer = Callable[[Waiting | None], None]


class _Watch:
    """Looks at all connections and waiting requests of this process, from a thread while there are any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watched: set[Asking | ServerWait] = set()
        self._runs = False
        self.observer: Observer | None = None
        """Is told each half second how long the longest has waited, and once that nobody waits any more."""

    def add(self, one: Asking | ServerWait) -> None:
        with self._lock:
            self._watched.add(one)
            if not self._runs:
                self._runs = True
                threading.Thread(target=self._look, name="cartrail outage watch", daemon=True).start()

    def remove(self, one: Asking | ServerWait) -> None:
        with self._lock:
            self._watched.discard(one)

    def give_up(self) -> None:
        with self._lock:
            watched = list(self._watched)
        # Waits first, so that nothing that is cut is asked again.
        for one in sorted(watched, key=lambda one: not isinstance(one, ServerWait)):
            if isinstance(one, ServerWait):
                one.give_up()
            else:
                one.cut()

    @property
    def longest(self) -> Waiting | None:
        """The longest wait that is to be shown."""
        with self._lock:
            waits = [found for one in self._watched if (found := one.waiting) is not None]
        shown = [found for found in waits if found.seconds >= SHOWN_AFTER_SECONDS]
        return max(shown, key=lambda found: found.seconds, default=None)

    def _look(self) -> None:
        told = False
        while True:
            with self._lock:
                if not self._watched:
                    self._runs = False
                    break
                asking = [one for one in self._watched if not isinstance(one, ServerWait)]
            for one in asking:
                one.check()
            told = self._tell(self.longest, told=told)
            time.sleep(_TICK_SECONDS)
        self._tell(None, told=told)

    def _tell(self, longest: Waiting | None, *, told: bool) -> bool:
        if self.observer is not None and (longest is not None or told):
            # Whoever shows it may be gone already, and the watch goes on.
            with suppress(Exception):
                self.observer(longest)
        return longest is not None


_WATCH: Final = _Watch()


def watch(one: Asking) -> None:
    """Look at a connection until it is closed."""
    _WATCH.add(one)


def unwatch(one: Asking) -> None:
    """Look at it no longer."""
    _WATCH.remove(one)


def longest_wait() -> Waiting | None:
    """The longest wait for a server in this process; None before two seconds."""
    return _WATCH.longest


def give_up() -> None:
    """End every wait of this process as its deadline would: each request says at once what is known of it."""
    _WATCH.give_up()


@contextmanager
def waits_told(observer: Observer) -> Iterator[None]:
    """Tell an observer, from another thread, of each wait that is to be shown, and with None of its end."""
    before, _WATCH.observer = _WATCH.observer, observer
    try:
        yield
    finally:
        _WATCH.observer = before


def _waiting(since: float, seconds: float) -> Waiting:
    passed = time.monotonic() - since
    return Waiting(passed, max(0.0, seconds - passed))


def waiting_since(since: float, wait: ServerWait | None) -> Waiting:
    """The wait of a statement that was sent then, within that of its request."""
    return (wait.waiting if wait is not None else None) or _waiting(since, OUTAGE_SECONDS)
