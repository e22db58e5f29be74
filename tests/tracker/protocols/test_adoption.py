"""What a production store asks of a protocol before it is adopted: figures that somebody has verified."""

from __future__ import annotations

from pathlib import Path

import pytest

from schema.errors import Refusal
from schema.vocabulary import ClockKind, Purpose
from tests.support.commands import PASSWORDS, PINS
from tests.support.stores import sqlite_url
from tracker.answers import Answer
from tracker.new_store import FounderAccount, NewStore
from tracker.people.passwords import WEAK
from tracker.people.signer import Signer
from tracker.protocols.drafts import draft
from tracker.protocols.library import ProtocolFile, parse_protocol
from tracker.protocols.unjudged import must_be_verified
from tracker.registry.network.requests import AdoptProtocol
from tracker.tracker import Environment, Tracker

DRAFT = draft("autologous-cryopreserved", "obe-cel")
FOUNDERS = (
    FounderAccount("ADA-1", "Ada", PASSWORDS["ADA-1"], PINS["ADA-1"]),
    FounderAccount("BEN-1", "Ben", PASSWORDS["BEN-1"], PINS["BEN-1"]),
)


def founded(folder: Path, purpose: Purpose) -> tuple[Tracker, list[Signer]]:
    """An empty store of a purpose with its two founders."""
    new = NewStore(purpose, "CLINIC", "Clinic", "HUB-1", FOUNDERS, clock=ClockKind.SYSTEM, zone="UTC")
    environment = Environment(cost=WEAK)
    url = sqlite_url(folder / "store.db")
    tracker, made = Tracker.found(url=url, new=new, config=folder, environment=environment)
    return tracker, [*made.signers]


def adopt(tracker: Tracker, signers: list[Signer], file: ProtocolFile, because: str | None = None) -> Answer:
    """Both founders adopt a file."""
    request = AdoptProtocol.model_validate(
        {
            "event_id": tracker.new_event_id(),
            "actor": "ADA-1",
            "station": "HUB-1",
            "signers": [
                {"staff": "ADA-1", "meaning": "performed"},
                {"staff": "BEN-1", "meaning": "approved"},
            ],
            "protocol": file.protocol.id,
            "version": file.protocol.version,
            "sha256": file.sha256,
            "title": file.protocol.title,
            "unverified_because": because,
        }
    )
    return tracker.adopt_protocol(file=file, request=request, signers=signers)


def test_making_p2_a_production_store_refuses_figures_that_nobody_verified(tmp_path: Path) -> None:
    """Each that feeds a rule is named with its line; with quality's reason both sign for it."""
    tracker, signers = founded(tmp_path, Purpose.PRODUCTION)
    with pytest.raises(Refusal) as refused:
        adopt(tracker, signers, DRAFT)
    assert (refused.value.code, refused.value.exit_code) == ("figures_unverified", 3)
    text = DRAFT.content.decode().splitlines()
    for row, said in (
        ('name = "thaw_to_infusion"', "limit thaw_to_infusion: not found: one hour, as is said"),
        ('name = "lymphodepletion_to_infusion"', "limit lymphodepletion_to_infusion: not found: the figures"),
        ('material = "product"', "shelf life of product, 6 mo: 3 to 5 bags of 10 to 70 mL"),
    ):
        assert f"line {text.index(row)}: {said}" in refused.value.message
    assert tracker.registry.protocols == {}
    assert adopt(tracker, signers, DRAFT, "Trial protocol, figures of the sponsor in appendix 3").ok
    (version,) = tracker.registry.protocols["obe-cel"]
    assert version.unverified_because == "Trial protocol, figures of the sponsor in appendix 3"
    tracker.close()


def test_making_p2_what_is_planned_or_listed_keeps_nothing_out() -> None:
    """A milestone, a regimen or an indication that nobody verified stops no step."""
    said = " ".join(must_be_verified(DRAFT))
    assert "milestone" not in said and "regimen" not in said and "indication" not in said
    text = DRAFT.content.decode()
    for word in ("unverified", "conflict"):
        text = text.replace(f'verified = "{word}"', 'verified = "read"')
    text = text.replace('source = "collection center', 'verified = "read"\nsource = "collection center')
    text = text.replace('source = "treatment center', 'verified = "read"\nsource = "treatment center')
    text = text.replace(
        'source = "kept as the product of its batch"\n\n', 'source = "kept"\nverified = "read"\n\n'
    )
    assert must_be_verified(parse_protocol(text.encode())) == ()


def test_making_p2_a_storage_temperature_without_a_shelf_life_counts_too() -> None:
    """A hospital's draft has its expiry on the certificate, and still keeps the product by a figure."""
    said = must_be_verified(draft("licensed-product", "obe-cel"))
    assert any("storage of product, at most -150 C: 3 to 5 bags" in one for one in said)


def test_making_p2_a_training_store_takes_a_draft(tmp_path: Path) -> None:
    """To walk through it before its figures are verified."""
    tracker, signers = founded(tmp_path, Purpose.TRAINING)
    assert adopt(tracker, signers, DRAFT).ok
    tracker.close()
