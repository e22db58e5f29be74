"""The heads that this machine signed and cosigned last, kept beside its keys, held against the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from schema.errors import StoreError
from tracker.evidence.last_head import COSIGNED_FILE, SIGNED_FILE, KeptHead, kept_heads, lost_heads
from tracker.evidence.log_keys import STATION_KEY_FILE, key_folder, read_station_key
from tracker.evidence.verification.log import Witnesses
from tracker.evidence.verification.verdict import Check, Journal
from tracker.rules.registry_state import RegistryState


@dataclass(frozen=True, slots=True)
class KeptHeads:
    """What lies beside the keys of one store on this machine."""

    heads: tuple[KeptHead, ...] = ()
    folder: Path | None = None

    @classmethod
    def of(cls, config: Path | None, origin: str) -> KeptHeads:
        """Those in the folder of a store's keys, beside the configuration."""
        if config is None or not origin:
            return cls()
        folder = key_folder(config, origin)
        return cls(tuple(kept_heads(folder)), folder)

    @property
    def sizes(self) -> frozenset[int]:
        """The sizes at which a root is wanted."""
        return frozenset(one.head.tree_size for one in self.heads)

    def conclude(
        self,
        size: int,
        roots: Mapping[int, str],
        registry: RegistryState,
        witnesses: Witnesses,
        journal: Journal,
    ) -> None:
        """Step 18; a head that should lie here and cannot be read is a gap."""
        lost = tuple(self._lost(witnesses))
        if self.folder is None:
            journal.skip(Check.KEPT_HEADS, "no folder of keys was named")
        elif not self.heads and not lost:
            journal.skip(Check.KEPT_HEADS, "this machine has signed and cosigned nothing of it")
        for error in lost:
            journal.missed(Check.KEPT_HEADS, "", None, f"{error.message} {error.remedy}")
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

    def _lost(self, witnesses: Witnesses) -> Iterator[StoreError]:
        if self.folder is not None:
            signed = {SIGNED_FILE} if witnesses.checkpoints else set()
            if self._station_key() in witnesses.cosigners:
                signed.add(COSIGNED_FILE)
            yield from lost_heads(self.folder, signed)

    def _station_key(self) -> bytes | None:
        """The public key with which this machine cosigns; None where there is none to be read."""
        if self.folder is None or not (self.folder / STATION_KEY_FILE).exists():
            return None
        try:
            return read_station_key(self.folder).verifier.public
        except StoreError:
            return None
