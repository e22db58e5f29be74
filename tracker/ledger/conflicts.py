"""What a transaction meets when somebody else was faster: reasons to load again and decide again."""

from __future__ import annotations


class Conflict(Exception):
    """The transaction cannot stand; nothing of it (or of its savepoint) was written."""


class ChainConflict(Conflict):
    """Another entry took the next place of the chain."""

    def __init__(self, chain: str) -> None:
        super().__init__(f"the chain {chain} has grown")
        self.chain = chain


class EventIdTaken(Conflict):
    """The event id is recorded already; the kept answer tells whether it was the same request."""

    def __init__(self, event_id: str) -> None:
        super().__init__(f"the event id {event_id} is recorded already")
        self.event_id = event_id


class SharedConflict(Conflict):
    """Somebody else raised the version of a row that spans chains."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the shared row {name} has moved on")
        self.name = name


class Deadlock(Conflict):
    """PostgreSQL ended one of two transactions that waited for each other."""
