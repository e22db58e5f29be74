"""The heads that this machine signed and cosigned last, kept beside its keys, held against the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tracker.evidence.last_head import KeptHead, kept_heads
from tracker.evidence.log_keys import key_folder
from tracker.evidence.verification.verdict import Check, Journal
from tracker.rules.registry_state import RegistryState


@dataclass(frozen=True, slots=True)
class KeptHeads:
    """What lies beside the keys of one store on this machine."""

    heads: tuple[KeptHead, ...] = ()
    why_none: str = "no folder of keys was named"

    @classmethod
    def of(cls, config: Path | None, origin: str) -> KeptHeads:
        """Those in the folder of a store's keys, beside the configuration."""
        if config is None or not origin:
            return cls()
        found = tuple(kept_heads(key_folder(config, origin)))
        return cls(found, "this machine has signed and cosigned nothing of it")

    @property
    def sizes(self) -> frozenset[int]:
        """The sizes at which a root is wanted."""
        return frozenset(one.head.tree_size for one in self.heads)

    def conclude(
        self, size: int, roots: Mapping[int, str], registry: RegistryState, journal: Journal
    ) -> None:
        """Step 18."""
        if not self.heads:
            journal.skip(Check.KEPT_HEADS, self.why_none)
        for one in self.heads:
            path, head, loss = one.path, one.head, one.loss_in(registry)
            if loss is not None and roots.get(head.tree_size) != head.root:
                journal.note(Check.KEPT_HEADS, f"{path.name} is of {head.tree_size} leaves; {loss.words}")
            elif head.tree_size > size:
                message = (
                    f"a log of {head.tree_size} leaves was signed here ({path.name}), and this one has"
                    f" {size}: the store was set back or replaced"
                )
                journal.found(Check.KEPT_HEADS, "", None, message)
            elif roots[head.tree_size] != head.root:
                message = f"the log does not begin with the {head.tree_size} leaves that {path.name} was of"
                journal.found(Check.KEPT_HEADS, "", None, message)
            else:
                journal.note(
                    Check.KEPT_HEADS, f"the log continues the {head.tree_size} leaves of {path.name}"
                )
