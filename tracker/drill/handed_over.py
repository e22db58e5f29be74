"""Attacks on a bundle after it left the store, by whoever hands it on; its manifest is made to fit."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

from tracker.bundle import format as form
from tracker.drill.attack import Attack, Caught, InBundle

Files = dict[str, bytes]


def replace_report(files: Files) -> None:
    """Another report stands in place of the one that was made."""
    files[form.TRAIL_PDF] = b"%PDF-1.7\n% everything was in order\n"


def edit_table(files: Files) -> None:
    """The table says that somebody else did it."""
    files[form.TRAIL] = files[form.TRAIL].replace(b"NURSE-A1", b"NURSE-A9")


def edit_epcis(files: Files) -> None:
    """What other systems read in says that it happened a year later."""
    files[form.EPCIS] = files[form.EPCIS].replace(b"2026-", b"2027-")


def edit_entry(files: Files) -> None:
    """An entry says that somebody else did it."""
    files[form.ENTRIES] = files[form.ENTRIES].replace(b"NURSE-A1", b"NURSE-A9")


def cut_tail(files: Files) -> None:
    """The last entry is gone, with its proof and from the manifest."""
    lines = files[form.ENTRIES].splitlines(keepends=True)
    said = json.loads(files[form.MANIFEST])
    (end,) = said["chains"]
    del files[form.proof_name(end["last_digest"])]
    files[form.ENTRIES] = b"".join(lines[:-1])
    before = json.loads(lines[-1])["previous"]
    end.update(entries=len(lines) - 1, last_sequence=len(lines) - 2, last_digest=before)
    files[form.MANIFEST] = form.json_line(said)


def edit_attachment(files: Files) -> None:
    """The protocol that the entries name says more."""
    name = next(name for name in sorted(files) if name.startswith(form.ATTACHMENTS))
    files[name] += b"# and more"


def replace_verifier(files: Files) -> None:
    """The program in the bundle says that all is well whatever it is given."""
    files[form.VERIFIER] = b"print('Everything that was checked holds.')\n"


def _attack(
    name: str, does: str, hand: Callable[[Files], None], in_bundle: InBundle, because: str = ""
) -> Attack:
    return Attack(name, does, Caught.UNTOUCHED, in_bundle, on_bundle=hand, because=because)


ATTACKS: Final = (
    _attack("replace the report", "another trail.pdf in a bundle", replace_report, InBundle.CAUGHT),
    _attack("edit the table", "another name in the trail.csv of a bundle", edit_table, InBundle.CAUGHT),
    _attack("edit the EPCIS file", "other times in the epcis.json of a bundle", edit_epcis, InBundle.CAUGHT),
    _attack("edit a bundle's entry", "another name in its entries", edit_entry, InBundle.CAUGHT),
    _attack(
        "cut a bundle's tail", "its last entry, with its proof and in the manifest", cut_tail, InBundle.CAUGHT
    ),
    _attack("edit a bundle's attachment", "more in the adopted protocol", edit_attachment, InBundle.CAUGHT),
    _attack(
        "replace the verifier",
        "the verify.py in a bundle always says that all is well",
        replace_verifier,
        InBundle.NOTHING,
        "a program cannot prove itself; run one that you trust, whose SHA-256 is published",
    ),
)
