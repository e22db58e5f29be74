"""Therapies in the command palette: by COI, adopted code or unit; a window of the store, never all of it."""

from __future__ import annotations

from functools import partial
from typing import Final

from textual.command import DiscoveryHit, Hit, Hits, Provider

from schema.errors import CartrailError
from tracker.tracker import Tracker
from tracker.values import BoardRow
from tui.answers import safe
from tui.language import tr
from tui.screens.acting import ActingScreen
from tui.screens.trail import TrailScreen
from tui.session import TerminalSession
from tui.workers import in_thread

SHOWN: Final = 12
"""Therapies listed at once: a palette is read, not scrolled."""

SHORTEST: Final = 3
"""Characters before the store is asked."""


def found(tracker: Tracker, query: str) -> tuple[BoardRow, ...]:
    """The therapies whose COI, adopted code or unit begins with this, or that a scanned code is of."""
    return tracker.read.search(text=query, limit=SHOWN)


class TherapySearch(Provider):
    """What the palette finds of therapies; choosing one opens its trail."""

    @property
    def _session(self) -> TerminalSession | None:
        screen = self.screen
        is_open = isinstance(screen, ActingScreen) and screen.session.is_open
        return screen.session if is_open and isinstance(screen, ActingScreen) else None

    async def discover(self) -> Hits:
        """Before anything is typed: the therapies touched last."""
        session = self._session
        if session is None:
            return
        rows = await in_thread(lambda: session.tracker.read.board(limit=SHOWN))
        for row in rows:
            yield DiscoveryHit(self._title(row), partial(self._open, session, row.coi), help=self._help(row))

    async def search(self, query: str) -> Hits:
        """What the store finds; it decides what fits, and all of it fits the same."""
        session = self._session
        if session is None or len(query.strip()) < SHORTEST:
            return
        try:
            rows = await in_thread(lambda: found(session.tracker, query.strip()))
        except CartrailError:
            return  # a code that cannot be read finds nothing here; the scan field says why
        for row in rows:
            yield Hit(1.0, self._title(row), partial(self._open, session, row.coi), help=self._help(row))

    def _title(self, row: BoardRow) -> str:
        return tr("Therapy {coi}: {stage}", coi=row.coi, stage=safe(row.stage_title))

    def _help(self, row: BoardRow) -> str:
        return f"{row.collection_site} > {row.manufacturing_site} > {row.treatment_site}"

    def _open(self, session: TerminalSession, coi: str) -> None:
        self.app.push_screen(TrailScreen(session, coi))
