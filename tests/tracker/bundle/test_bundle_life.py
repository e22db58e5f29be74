"""Bundles over the life of a store: other exports, cosignatures, new keys, erasure, and PostgreSQL."""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from schema.canonical import plain_digest
from schema.identifiers import first_copy
from schema.instants import format_instant
from schema.papercodes import head_code
from schema.vocabulary import ErasureGround, Meaning, Reason
from tests.support.bundles import changed, files_of, judged, repaired
from tests.support.evidence_story import ANN, BEN, PATIENT, STATION, Story, build, scan
from tests.support.stores import sqlite_url
from tracker.bundle.export import BundleWish, BundleWritten, export_again, export_bundle
from tracker.evidence.standalone.verify import Step
from tracker.evidence.verification.store import verify_store
from tracker.exports.disclosure import NAMES_ONLY
from tracker.exports.forms import TrailFormat
from tracker.therapy.erasure import Erase
from tracker.therapy.identity import requests as identity
from tracker.therapy.paperwork import requests as paperwork


class Hub:
    """A small store with its keys, from which bundles are exported."""

    def __init__(self, url: str, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "keys"
        self.story: Story = build(url, self.config)
        self.tracker = self.story.tracker
        self.tracker.log.integrate_and_sign()

    def export(self, name: str, *cois: str, heads: tuple[str, ...] = ()) -> BundleWritten:
        """A bundle of therapies, or without any of everything."""
        self.story.clock.advance(timedelta(minutes=3))
        wish = BundleWish(ANN, STATION, cois, whole=not cois, heads=heads)
        signers = [self.story.signers[ANN]]
        out = self.folder / f"{name}.zip"
        return export_bundle(self.tracker, wish, config=self.config, out=out, signers=signers)

    def again(self, written: BundleWritten) -> BundleWritten:
        """The same export once more."""
        out = self.folder / "again.zip"
        return export_again(self.tracker, written.event_id, config=self.config, out=out)

    def identify(self, coi: str) -> None:
        """One more event of a therapy."""
        self.story.take(
            identity.IdentifyPatient, ANN, (BEN, Meaning.WITNESSED), coi=scan(coi), patient=PATIENT
        )


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """A store on SQLite."""
    made = Hub(sqlite_url(tmp_path / "store.db"), tmp_path)
    yield made
    made.tracker.close()


def said(bundle: bytes) -> str:
    """What the verifier says nobody can see."""
    verdict = judged(bundle)
    assert verdict.exit_code == 0 and verdict.report is not None
    return "\n".join(verdict.report.unchecked)


def test_another_export_stays_closed(hub: Hub) -> None:
    """A therapy that was recorded on after another's export names that export, and nothing of it opens."""
    hub.export("other", hub.story.other)
    hub.identify(hub.story.coi)
    bundle = hub.export("mine", hub.story.coi).path.read_bytes()
    kinds = [
        json.loads(body)["statement"]["kind"] for body in files_of(bundle)["registry.ndjson"].splitlines()
    ]
    assert kinds.count("exported") == 2
    assert judged(bundle).exit_code == 0
    assert hub.story.other.encode() not in bundle


def test_an_export_of_an_export(hub: Hub) -> None:
    """Everything, twice: the first export is in the second."""
    first = hub.export("first")
    second = hub.export("second")
    assert judged(first.path.read_bytes()).exit_code == 0
    assert judged(second.path.read_bytes(), heads=(first.head.text,)).exit_code == 0


@pytest.mark.parametrize("on_hub", [True, False])
def test_a_cosignature_is_told_by_where_it_was_made(hub: Hub, *, on_hub: bool) -> None:
    """On the hub itself it witnesses nothing; a later one is left out of the same export."""
    assert "no station cosigned" in said(hub.export("before", hub.story.coi).path.read_bytes())
    made = hub.tracker.make_station_key(
        actor=ANN, station=STATION, on_hub=on_hub, signers=[hub.story.signers[ANN]]
    )
    assert made.ok, made.problem
    assert hub.tracker.log.cosign(STATION)
    head = hub.tracker.log.head()
    assert head is not None
    hub.story.clock.advance(timedelta(minutes=1))
    written = hub.export("cosigned", hub.story.coi, heads=(head.text,))
    text = said(written.path.read_bytes())
    assert ("cosigned on the hub itself" in text) is on_hub and "no station cosigned" not in text
    assert files_of(written.path.read_bytes())["keys.json"].count(b"/station/") == 1
    before = written.path.read_bytes()
    hub.story.clock.advance(timedelta(minutes=1))
    assert hub.tracker.log.cosign(STATION)
    assert hub.again(written).path.read_bytes() == before
    for name in ("cosigned", "everything"):
        if name == "everything":
            hub.export(name)
        assert judged((hub.folder / f"{name}.zip").read_bytes(), heads=(head.text,)).exit_code == 0


def test_a_flipped_cosignature_is_found_at_its_step(hub: Hub) -> None:
    """The station's line is evidence too: a false one is worse than none."""
    hub.tracker.make_station_key(actor=ANN, station=STATION, on_hub=False, signers=[hub.story.signers[ANN]])
    assert hub.tracker.log.cosign(STATION)
    head = hub.tracker.log.head()
    assert head is not None
    hub.story.clock.advance(timedelta(minutes=1))
    bundle = hub.export("cosigned", hub.story.coi, heads=(head.text,)).path.read_bytes()

    def flip(body: bytes) -> bytes:
        place = body.index(b"/station/") + 60
        other = b"A" if body[place : place + 1] != b"A" else b"B"
        return body[:place] + other + body[place + 1 :]

    verdict = judged(changed(bundle, "checkpoints.ndjson", flip))
    assert verdict.exit_code == 4 and Step.COSIGNATURES in verdict.found()


def test_after_the_logs_key_was_rotated(hub: Hub) -> None:
    """Heads signed by the old key and by the new one stand in one bundle, each under the key of its time."""
    head = hub.tracker.log.head()
    assert head is not None
    answer = hub.tracker.rotate_log_key(
        actor=ANN, approver=BEN, station=STATION, signers=list(hub.story.signers.values())
    )
    assert answer.ok, answer.problem
    bundle = hub.export("rotated", hub.story.coi, heads=(head.text,)).path.read_bytes()
    assert len(json.loads(files_of(bundle)["keys.json"])["log"]) == 2
    assert judged(bundle, heads=(head.text,), require_head=True).exit_code == 0


def test_heads_on_paper_are_in_the_bundle(hub: Hub) -> None:
    """What a slip of this therapy carries can be checked with its bundle, without asking for it."""
    printed = hub.tracker.print_head(chains=(hub.story.coi,))
    assert printed is not None
    hub.identify(hub.story.coi)
    bundle = hub.export("mine", hub.story.coi).path.read_bytes()
    assert judged(bundle, heads=(printed.text,), require_head=True).exit_code == 0
    forged = head_code(hub.tracker.registry.origin, printed.tree_size, "ab" * 32).text
    assert judged(bundle, heads=(forged,)).exit_code == 4


def test_findings_d7_a_paper_that_saw_more_than_the_bundle(hub: Hub) -> None:
    """Given a slip printed after the export, then the bundle's verifier says what can have happened, with
    exit 6; the store, which has grown, holds it.
    """
    bundle = hub.export("mine", hub.story.coi).path.read_bytes()
    hub.identify(hub.story.coi)
    hub.tracker.log.integrate_and_sign()
    printed = hub.tracker.print_head(chains=(hub.story.coi,))
    assert printed is not None
    size = json.loads(files_of(bundle)["manifest.json"])["tree_size"]
    verdict = judged(bundle, heads=(printed.text,))
    assert verdict.exit_code == 6 and verdict.report is not None
    (gap,) = verdict.report.gaps[Step.PAPER]
    assert gap.message == (
        f"the head {printed.text} is of {printed.tree_size} entries, and this bundle shows {size}: this paper"
        " saw more: the log was set back, or the paper is younger than the export"
    )
    assert verify_store(hub.story.url, heads=(printed.text,)).exit_code == 0


@pytest.mark.parametrize("form", [TrailFormat.PDF, TrailFormat.XLSX, TrailFormat.EPCIS])
def test_findings_d7_the_head_of_a_report_is_in_the_next_bundle(hub: Hub, form: TrailFormat) -> None:
    """Given a report, then its head is noted as one on paper, and the therapy's bundle holds it."""
    exports = hub.tracker.exports
    trails = exports.trails((hub.story.coi,))
    head = trails.head
    assert head is not None
    reason = exports.note(
        staff=ANN, station=STATION, form=form.value, chains=(hub.story.coi,), disclosure=NAMES_ONLY,
        signed_in=True, head=head,
    )  # fmt: skip
    assert reason is None
    hub.identify(hub.story.coi)
    bundle = hub.export("mine", hub.story.coi).path.read_bytes()
    assert judged(bundle, heads=(head.text,), require_head=True).exit_code == 0
    assert judged(hub.export("other", hub.story.other).path.read_bytes(), heads=(head.text,)).exit_code == 6


def test_findings_d7_a_form_without_a_head_is_not_noted(hub: Hub) -> None:
    """Given a table for a spreadsheet, which shows no head, then none is noted."""
    exports = hub.tracker.exports
    exports.note(
        staff=ANN, station=STATION, form="csv", chains=(hub.story.coi,), disclosure=NAMES_ONLY,
        signed_in=True, head=exports.trails((hub.story.coi,)).head,
    )  # fmt: skip
    with hub.tracker.store.read() as transaction:
        assert transaction.printed_heads(hub.story.coi) == []


def test_after_an_erasure(hub: Hub) -> None:
    """The same export without the values, said so; every proof stands, and so does the old bundle."""
    written = hub.export("before", hub.story.coi)
    before = files_of(written.path.read_bytes())
    assert b"0012345" in before["openings.json"]
    hub.story.take(
        Erase, ANN, (BEN, Meaning.APPROVED), coi=scan(hub.story.coi),
        ground=ErasureGround.CONSENT_WITHDRAWN, reason=Reason.DATA_SUBJECT_REQUEST,
    )  # fmt: skip
    again = hub.again(written)
    assert again.erased_since == (hub.story.coi,) and written.erased_since == ()
    after = files_of(again.path.read_bytes())
    assert again.left_out == ("trail.pdf", "trail.csv", "epcis.json")
    assert b"0012345" not in again.path.read_bytes()
    assert {name for name in before if before[name] != after.get(name)} == {
        *("manifest.json", "openings.json"),
        *("trail.csv", "trail.pdf", "epcis.json"),
    }
    assert judged(again.path.read_bytes()).exit_code == 0
    assert judged(written.path.read_bytes()).exit_code == 0
    assert judged(hub.export("later", hub.story.coi).path.read_bytes()).exit_code == 0


def test_a_scanned_paper_travels_with_what_names_it(hub: Hub) -> None:
    """It is there while its commitment is open; missing it is missed, altered it is found."""
    story, form = hub.story, "FD456789234"
    paper = b"%PDF-1.7\n1 0 obj\nby hand\nstartxref\n0\n%%EOF\n"
    story.take(
        paperwork.IssueForm, ANN, coi=scan(story.coi), form=form, steps=("patient_identified",), signers=[]
    )
    entry = {"mode": "paper", "by": BEN, "reason": "power_failure", "form": first_copy(form).text}
    signed = [{"staff": BEN, "meaning": "transcribed"}, {"staff": ANN, "meaning": "verified"}]
    story.take(
        identity.IdentifyPatient, ANN, coi=scan(story.coi), patient=PATIENT, entry=entry, signers=signed,
        occurred_at=format_instant(story.clock.now()),
    )  # fmt: skip
    files = (base64.b64encode(paper).decode(),)
    story.take(paperwork.AttachPaper, ANN, coi=scan(story.coi), form=scan(form), files=files)
    written = hub.export("paper", story.coi).path.read_bytes()
    name = f"attachments/{plain_digest(paper)}"
    assert files_of(written)[name] == paper and judged(written).exit_code == 0
    gone = repaired({key: value for key, value in files_of(written).items() if key != name})
    assert judged(gone).exit_code == 6 and judged(gone).missed() == {Step.ATTACHMENTS}
    assert judged(changed(written, name, lambda content: content + b" ")).exit_code == 4
    assert name not in files_of(hub.export("other", story.other).path.read_bytes())
    story.clock.advance(timedelta(minutes=3))
    wish = BundleWish(ANN, STATION, (story.coi,), free_text=False)
    out = hub.folder / "closed.zip"
    export_bundle(hub.tracker, wish, config=hub.config, out=out, signers=[story.signers[ANN]])
    assert name not in files_of(out.read_bytes()) and judged(out.read_bytes()).exit_code == 0


def test_on_postgresql(fresh_postgres: str, tmp_path: Path) -> None:
    """The same bundles from the shared database."""
    hub = Hub(fresh_postgres, tmp_path)
    written = hub.export("mine", hub.story.coi)
    everything = hub.export("all")
    assert judged(written.path.read_bytes(), heads=(written.head.text,)).exit_code == 0
    assert judged(everything.path.read_bytes(), heads=(written.head.text,)).exit_code == 0
    assert hub.again(written).path.read_bytes() == written.path.read_bytes()
    hub.tracker.close()
