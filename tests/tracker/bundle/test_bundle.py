"""Bundles: what is in them, and what the verifier says of each and of every attempt to change one."""

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest

from schema.canonical import canonical, leaf_digest
from schema.errors import BadCode, InputError, Refusal, StoreError
from schema.papercodes import head_code, receipt_code
from schema.vocabulary import Meaning
from tests.support.bundles import (
    AUDITOR,
    Hall,
    changed,
    files_of,
    judged,
    line,
    opened_hall,
    repaired,
    zipped,
)
from tests.support.demos import copied
from tracker.bundle.export import BundleWish, export_again, export_bundle
from tracker.bundle.reading import reading_files
from tracker.bundle.verification import verify_bundle
from tracker.demo.cast import HUB_STATION
from tracker.demo.run import DemoResult
from tracker.evidence.standalone.verify import Step
from tracker.registry.network.requests import Export
from tracker.requests.fields import ChainEnd

Change = Callable[[dict[str, bytes]], None]


@pytest.fixture(scope="module")
def hall(demo_result: DemoResult, tmp_path_factory: pytest.TempPathFactory) -> Hall:
    """A demo from which one therapy, two, and everything were exported."""
    made = opened_hall(copied(demo_result, tmp_path_factory.mktemp("bundle") / "demo"))
    cois = [therapy.coi for therapy in made.demo.therapies]
    head = made.log.integrate_and_sign().checkpoint
    assert head is not None
    made.heads.append(head_code(made.tracker.registry.origin, head.tree_size, head.root).text)
    made.export("first", cois[4])
    made.clock.advance(timedelta(minutes=5))
    made.export("one", cois[3], heads=(made.heads[0],))
    made.export("two", cois[14], cois[15])
    made.export("closed", cois[4], free_text=False)
    made.export("all")
    return made


@pytest.fixture(scope="module")
def bundles(hall: Hall) -> dict[str, bytes]:
    """The bytes of each bundle."""
    return {name: written.path.read_bytes() for name, written in hall.written.items()}


@pytest.fixture
def one(bundles: dict[str, bytes]) -> bytes:
    """The bundle of one therapy."""
    return bundles["one"]


def value(bundle: bytes, name: str) -> dict[str, object]:
    """The value of a JSON file in a bundle."""
    found: dict[str, object] = json.loads(files_of(bundle)[name])
    return found


def entries(bundle: bytes, name: str = "entries.ndjson") -> list[dict[str, object]]:
    """The entries of a file."""
    return [json.loads(body) for body in files_of(bundle)[name].splitlines()]


class TestExport:
    @pytest.mark.parametrize("name", ["first", "one", "two", "closed", "all"])
    def test_it_verifies(self, bundles: dict[str, bytes], name: str) -> None:
        verdict = judged(bundles[name])
        assert verdict.exit_code == 0 and verdict.found() == set() == verdict.missed()
        assert verdict.steps.count("holds") == Step.PAPER - 1

    @pytest.mark.parametrize("name", ["one", "all"])
    def test_it_is_the_zip_that_zipfile_writes(self, bundles: dict[str, bytes], name: str) -> None:
        """Another program builds the same bytes from the files."""
        assert zipped(files_of(bundles[name])) == bundles[name]
        with zipfile.ZipFile(io.BytesIO(bundles[name])) as opened:
            assert opened.testzip() is None and opened.comment == b""
            assert {info.compress_type for info in opened.infolist()} == {zipfile.ZIP_STORED}

    def test_manifest_names_what_is_in_it(self, bundles: dict[str, bytes], hall: Hall) -> None:
        manifest = value(bundles["two"], "manifest.json")
        files = files_of(bundles["two"])
        said = {name: hashlib.sha256(body).hexdigest() for name, body in files.items()}
        del said["manifest.json"]
        assert manifest["files"] == said
        assert manifest["exported_by"] == AUDITOR and manifest["origin"] == hall.tracker.registry.origin
        assert files["manifest.json"] == line(manifest) == canonical(manifest) + b"\n"  # type: ignore[arg-type]
        chains = manifest["chains"]
        assert isinstance(chains, list)
        assert [end["chain"] for end in chains] == sorted(
            therapy.coi for therapy in hall.demo.therapies[14:16]
        )
        assert hall.written["two"].head.text == manifest["head_code"]

    def test_it_tells_nothing_of_another_patient(self, bundles: dict[str, bytes], hall: Hall) -> None:
        """No other therapy's code, wristband or chain is anywhere in a bundle."""
        for therapy in hall.demo.therapies:
            if therapy.coi != hall.demo.therapies[3].coi:
                assert therapy.coi.encode() not in bundles["one"]
                assert not any(number.encode() in bundles["one"] for number in therapy.wristband)

    def test_own_values_are_open_unless_asked_otherwise(self, bundles: dict[str, bytes], hall: Hall) -> None:
        numbers = [number.encode() for number in hall.demo.therapies[4].wristband]
        assert all(number in bundles["first"] for number in numbers)
        assert not any(number in bundles["closed"] for number in numbers)
        (opening,) = value(bundles["closed"], "openings.json").values()
        assert isinstance(opening, dict) and opening["field"] == "chains"
        assert json.loads(opening["value"]) == value(bundles["closed"], "manifest.json")["chains"]

    def test_registry_holds_who_is_named_and_not_everybody(self, bundles: dict[str, bytes]) -> None:
        included = entries(bundles["one"], "registry.ndjson")
        every = entries(bundles["all"], "registry.ndjson")
        assert 0 < len(included) < len(every)
        known = {one["statement"]["payload"].get("staff") for one in included}  # type: ignore[index]
        for entry in [*entries(bundles["one"]), *included]:
            for signature in entry["signatures"]:  # type: ignore[attr-defined]
                assert signature["signer"] in known
        unchecked = judged(bundles["one"]).report
        assert unchecked is not None
        assert any("registry entries are left out" in text for text in unchecked.unchecked)

    def test_a_bundle_of_everything_has_every_leaf(self, bundles: dict[str, bytes], hall: Hall) -> None:
        files = files_of(bundles["all"])
        leaves = files["leaves.csv"].decode().splitlines()
        assert len(leaves) == value(bundles["all"], "manifest.json")["tree_size"]
        assert not any(name.startswith("proofs/") for name in files)
        assert len(files["checkpoints.ndjson"].splitlines()) > 4
        report = judged(bundles["all"]).report
        assert report is not None and not any("left out" in text for text in report.unchecked)

    @pytest.mark.parametrize("name", ["first", "one", "closed", "all"])
    def test_again_gives_the_same_bytes(
        self, hall: Hall, bundles: dict[str, bytes], name: str, tmp_path: Path
    ) -> None:
        """Also later, when the registry and the log have grown."""
        event_id = hall.written[name].event_id
        written = export_again(hall.tracker, event_id, config=hall.demo.config, out=tmp_path / "again.zip")
        assert written.path.read_bytes() == bundles[name]
        assert written.head == hall.written[name].head

    def test_trail_can_be_opened_in_a_spreadsheet(self, bundles: dict[str, bytes]) -> None:
        text = files_of(bundles["one"])["trail.csv"].decode("utf-8-sig")
        assert (
            text.startswith("chain,sequence,") and len(text.splitlines()) == len(entries(bundles["one"])) + 1
        )

    def test_report_and_epcis_are_of_the_same_entries(self, bundles: dict[str, bytes]) -> None:
        """One EPCIS event for each entry; the report says that it is no evidence and how to check."""
        files = files_of(bundles["one"])
        bodies = files["entries.ndjson"].splitlines()
        ids = [json.loads(body)["statement"]["event_id"] for body in bodies]
        events = json.loads(files["epcis.json"])["epcisBody"]["eventList"]
        assert [one["cartrail:event"].removeprefix("urn:uuid:") for one in events] == ids
        document = pypdfium2.PdfDocument(files["trail.pdf"])
        pages = [page.get_textpage().get_text_range() for page in document]
        document.close()
        manifest = json.loads(files["manifest.json"])
        # Head A: what was known when the report was made, before the export that names it was recorded.
        head = head_code(manifest["origin"], manifest["at"]["tree_size"], manifest["at"]["root"]).text
        assert manifest["head_code"] not in pages[0]
        assert "NOT EVIDENCE" in pages[0] and "verify.py" in pages[0] and head in pages[0]
        assert all(event_id in "".join(pages) for event_id in ids)

    def test_findings_d4_what_is_read_is_named_by_what_was_signed(self, bundles: dict[str, bytes]) -> None:
        """Given a bundle, then the signed export names the digest of each file for reading, and the verdict
        says of the program alone that it is not proved.
        """
        files = files_of(bundles["one"])
        exported = json.loads(files["registry.ndjson"].splitlines()[-1])["statement"]
        assert exported["kind"] == "exported"
        assert exported["payload"]["reading"] == {
            name: hashlib.sha256(files[name]).hexdigest() for name in ("epcis.json", "trail.csv", "trail.pdf")
        }
        report = judged(bundles["one"]).report
        assert report is not None and report.not_proved == ["verify.py"]
        assert "these files are not proved: verify.py" in list(report.lines())

    def test_findings_d4_a_replaced_file_is_found_by_both_verifiers(self, one: bytes, tmp_path: Path) -> None:
        """Given trail.pdf, trail.csv and epcis.json replaced and the manifest mended, then `verify.py` and
        `cartrail verify` name each of the three.
        """
        files = files_of(one)
        names = ("epcis.json", "trail.csv", "trail.pdf")
        bundle = repaired({**files, **dict.fromkeys(names, b"everything was in order")})
        told = [f"{name}: it is not the file that the export recorded" for name in names]
        assert judged(bundle).messages(Step.READING) == told
        (tmp_path / "b.zip").write_bytes(bundle)
        verdict = verify_bundle(tmp_path / "b.zip")
        assert (verdict.exit_code, [str(one) for one in verdict.findings]) == (4, told)
        assert verdict.unchecked[-1] == "these files are not proved: verify.py"

    def test_findings_d4_a_file_that_was_not_made_for_it_or_is_gone(self, hall: Hall, one: bytes) -> None:
        """Given a report put into a bundle that had none, then it is found; one that is gone is said."""
        wish = BundleWish(AUDITOR, HUB_STATION, (hall.demo.therapies[0].coi,), reading=False)
        out = hall.demo.folder / "evidence.zip"
        export_bundle(hall.tracker, wish, config=hall.demo.config, out=out, signers=[hall.auditor])
        added = repaired({**files_of(out.read_bytes()), "trail.pdf": b"%PDF-1.7"})
        assert judged(added).messages(Step.READING) == ["trail.pdf: the export recorded no such file"]
        files = files_of(one)
        del files["trail.pdf"]
        gone = judged(repaired(files))
        assert gone.exit_code == 0 and gone.report is not None
        assert gone.report.notes[Step.READING] == [
            "trail.pdf was made for this export, and was left out here"
        ]

    def test_without_files_for_reading(self, hall: Hall, tmp_path: Path) -> None:
        """Only the evidence, and again the same; the verifier is content."""
        wish = BundleWish(AUDITOR, HUB_STATION, (hall.demo.therapies[0].coi,), reading=False)
        out = tmp_path / "b.zip"
        written = export_bundle(hall.tracker, wish, config=hall.demo.config, out=out, signers=[hall.auditor])
        assert not {"trail.csv", "trail.pdf", "epcis.json"} & set(files_of(out.read_bytes()))
        assert judged(out.read_bytes()).exit_code == 0
        again = tmp_path / "again.zip"
        export_again(hall.tracker, written.event_id, config=hall.demo.config, out=again)
        assert again.read_bytes() == out.read_bytes()

    def test_closed_values_stay_closed_in_what_is_read(self, hall: Hall, tmp_path: Path) -> None:
        """A bundle without free text opens nothing in its report, spreadsheet and EPCIS either."""
        therapy = next(one for one in hall.demo.therapies if one.outcome.startswith("closed"))
        wish = BundleWish(AUDITOR, HUB_STATION, (therapy.coi,), free_text=False)
        out = tmp_path / "b.zip"
        export_bundle(hall.tracker, wish, config=hall.demo.config, out=out, signers=[hall.auditor])
        files = files_of(out.read_bytes())
        pages = pypdfium2.PdfDocument(files["trail.pdf"])
        told = "".join(page.get_textpage().get_text_range() for page in pages)
        pages.close()
        told += files["trail.csv"].decode() + files["epcis.json"].decode()
        assert not [number for number in therapy.wristband if number in told]
        assert "patient identifiers: left out" in told

    def test_what_would_be_too_long_to_read(self) -> None:
        """The report ends first, then EPCIS; lines are always there."""
        ends = [ChainEnd(chain="CD234567892", entries=count, last_sequence=count - 1, last_digest="0" * 64)
                for count in (2_000, 1, 60_000)]  # fmt: skip
        assert reading_files(ends[:1]) == ("epcis.json", "trail.csv", "trail.pdf")
        assert reading_files(ends[:2]) == ("epcis.json", "trail.csv")
        assert reading_files(ends) == ("trail.csv",) and reading_files([]) == ()


class TestRefusals:
    def wish(self, hall: Hall, **fields: object) -> BundleWish:
        return replace(BundleWish(AUDITOR, HUB_STATION, (hall.demo.therapies[0].coi,)), **fields)  # type: ignore[arg-type]

    def asked(self, hall: Hall, wish: BundleWish, out: Path, config: Path | None = None) -> None:
        folder = config or hall.demo.config
        export_bundle(hall.tracker, wish, config=folder, out=out, signers=[hall.auditor])

    def test_not_on_the_hub(self, hall: Hall, tmp_path: Path) -> None:
        before = hall.tracker.registry.sequence
        with pytest.raises(StoreError, match="hub"):
            self.asked(hall, self.wish(hall), tmp_path / "b.zip", tmp_path)
        assert hall.tracker.registry.sequence == before
        assert list(tmp_path.iterdir()) == []

    def test_by_somebody_who_may_not(self, hall: Hall, tmp_path: Path) -> None:
        with pytest.raises(Refusal):
            self.asked(hall, self.wish(hall, actor="COUR-X1"), tmp_path / "b.zip")
        assert list(tmp_path.iterdir()) == []

    def test_of_nothing_and_of_nobody(self, hall: Hall, tmp_path: Path) -> None:
        for chains in ((), ("CD222222222",), ("registry-2",)):
            with pytest.raises(InputError):
                self.asked(hall, self.wish(hall, chains=chains), tmp_path / "b.zip")
        assert list(tmp_path.iterdir()) == []

    def test_with_a_head_nobody_signed(self, hall: Hall, tmp_path: Path) -> None:
        origin = hall.tracker.registry.origin
        for code in (
            head_code(origin, 7, "ab" * 32).text,
            head_code("cartrail/demo/other", 7, "ab" * 32).text,
        ):
            with pytest.raises(InputError):
                self.asked(hall, self.wish(hall, heads=(code,)), tmp_path / "b.zip")

    def test_into_a_folder_that_is_not_there(self, hall: Hall, tmp_path: Path) -> None:
        before = hall.tracker.registry.sequence
        with pytest.raises(InputError):
            self.asked(hall, self.wish(hall), tmp_path / "nowhere" / "b.zip")
        assert hall.tracker.registry.sequence == before

    def test_again_of_what_was_no_export(self, hall: Hall, tmp_path: Path) -> None:
        with pytest.raises(InputError):
            export_again(
                hall.tracker, hall.tracker.new_event_id(), config=hall.demo.config, out=tmp_path / "b.zip"
            )
        assert list(tmp_path.iterdir()) == []

    def test_a_request_from_outside_is_not_taken(self, hall: Hall) -> None:
        """Only the program that writes the bundle may say that one was written."""
        request = Export(
            event_id=hall.tracker.new_event_id(),
            actor=AUDITOR,
            station=HUB_STATION,
            tree_size=1,
            root="ab" * 32,
            chains=(),
        )
        answer = hall.tracker.record(request=request, signers=[hall.auditor])
        assert answer.problem is not None and answer.problem.error == "by_program"


class TestPaper:
    def test_a_head_that_the_bundle_has_a_checkpoint_of(self, hall: Hall, one: bytes) -> None:
        verdict = judged(one, heads=(hall.heads[0],), require_head=True)
        assert verdict.exit_code == 0 and verdict.steps[-1] == "holds"
        assert judged(one, heads=(hall.written["one"].head.text,)).exit_code == 0

    def test_a_head_it_has_no_proof_from(self, hall: Hall, bundles: dict[str, bytes]) -> None:
        later = hall.written["all"].head.text
        assert judged(bundles["two"], heads=(later,)).exit_code == 6
        assert judged(bundles["all"], heads=(later, *hall.heads)).exit_code == 0

    def test_everything_proves_every_size(self, hall: Hall, bundles: dict[str, bytes]) -> None:
        with hall.tracker.store.read() as transaction:
            root = transaction.frontier(41).root().hex()
        origin = hall.tracker.registry.origin
        assert judged(bundles["all"], heads=(head_code(origin, 41, root).text,)).exit_code == 0
        forged = head_code(origin, 41, "ab" * 32).text
        assert judged(bundles["all"], heads=(forged,)).exit_code == 4
        empty = head_code(origin, 0, hashlib.sha256(b"").hexdigest()).text
        assert judged(bundles["all"], heads=(empty,)).exit_code == 0

    def test_a_head_with_another_root(self, hall: Hall, one: bytes) -> None:
        size = value(one, "manifest.json")["tree_size"]
        assert isinstance(size, int)
        forged = head_code(hall.tracker.registry.origin, size, "ab" * 32).text
        verdict = judged(one, heads=(forged,))
        assert verdict.exit_code == 4 and verdict.found() == {Step.PAPER}

    def test_a_head_of_another_log(self, one: bytes) -> None:
        """Bad input beside a good bundle; beside a bad one the bundle is what matters."""
        other = head_code("cartrail/demo/0000000000000000", 5, "ab" * 32).text
        assert judged(one, heads=(other,)).exit_code == 2
        broken = changed(one, "keys.json", lambda body: body.replace(b'"log"', b'"log2"'))
        assert judged(broken, heads=(other,)).exit_code == 4

    def test_no_head_where_one_is_required(self, one: bytes) -> None:
        assert judged(one, require_head=True).exit_code == 6

    def test_receipts(self, hall: Hall, bundles: dict[str, bytes]) -> None:
        statement = entries(bundles["one"])[2]["statement"]
        digest = hashlib.sha256(canonical(statement)).hexdigest()  # type: ignore[arg-type]
        mine = receipt_code(digest).text
        verdict = judged(bundles["one"], receipts=(mine,))
        assert verdict.exit_code == 0 and verdict.report is not None
        assert verdict.report.receipts == [(mine, (hall.demo.therapies[3].coi, 2))]
        assert judged(bundles["two"], receipts=(mine,)).exit_code == 6
        assert judged(bundles["all"], receipts=(mine,)).exit_code == 0
        assert judged(bundles["all"], receipts=(receipt_code("ab" * 32).text,)).exit_code == 4

    def test_a_code_that_is_not_intact(self, hall: Hall, one: bytes) -> None:
        with pytest.raises(BadCode):
            verify_bundle(hall.written["one"].path, heads=("CTHAAA",))
        assert judged(one, receipts=("CTR",)).exit_code == 2


def without(*beginnings: str) -> Change:
    """Take files out."""

    def change(files: dict[str, bytes]) -> None:
        for name in [name for name in files if name.startswith(beginnings)]:
            del files[name]

    return change


def put(name: str, content: bytes) -> Change:
    """Put a file in, or another in its place."""
    return lambda files: files.update({name: content})


def words(old: bytes, new: bytes, name: str = "entries.ndjson") -> Change:
    """Change words in a file; they have to be there."""

    def change(files: dict[str, bytes]) -> None:
        assert old in files[name]
        files[name] = files[name].replace(old, new, 1)

    return change


def rows(name: str, arrange: Callable[[list[bytes]], list[bytes]]) -> Change:
    """Put the lines of a file into another order."""

    def change(files: dict[str, bytes]) -> None:
        files[name] = b"".join(arrange(files[name].splitlines(keepends=True)))

    return change


def said(name: str = "manifest.json", **keys: object) -> Change:
    """Set keys in a JSON file."""

    def change(files: dict[str, bytes]) -> None:
        files[name] = line({**json.loads(files[name]), **keys})

    return change


def extra_proof_line(files: dict[str, bytes]) -> None:
    """What the format allows and nothing signs."""
    name = next(name for name in files if name.startswith("proofs/"))
    files[name] = files[name].replace(b"\nindex", b"\nextra AAAA\nindex", 1)


def swapped_proofs(files: dict[str, bytes]) -> None:
    """Two true proofs, each under the other's name."""
    first, second = [name for name in files if name.startswith("proofs/")][:2]
    files[first], files[second] = files[second], files[first]


def forged_opening(files: dict[str, bytes]) -> None:
    """Other values under the commitments."""
    openings = json.loads(files["openings.json"])
    for opening in openings.values():
        if opening["field"] != "chains":
            opening["value"] = "somebody else"
    files["openings.json"] = line(openings)


def foreign_opening(files: dict[str, bytes]) -> None:
    """An opening that opens something, which nobody here committed to."""
    openings = json.loads(files["openings.json"])
    salt = bytes(32)
    statement = canonical({"field": "remark", "value": "x"})
    name = hashlib.sha256(b"cartrail/1 commitment\n" + salt + statement).hexdigest()
    openings[name] = {"field": "remark", "salt": base64.b64encode(salt).decode(), "value": "x"}
    files["openings.json"] = line(openings)


def spare_bits(files: dict[str, bytes]) -> None:
    """Base64 that decodes to the same key and is not the way to write it."""
    keys = json.loads(files["keys.json"])
    public = keys["people"][0]["public"]
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    keys["people"][0]["public"] = f"{public[:-2]}{digits[digits.index(public[-2]) + 1]}="
    files["keys.json"] = line(keys)


def no_proof_from_before(last: bytes) -> bytes:
    """A checkpoint line without its proof."""
    return line({**json.loads(last), "consistency": []})


RULES = b'"outside_rules":'
TWO_53 = b'"kind_version":9007199254740993'
OF_X = hashlib.sha256(b"x").hexdigest()
FORGERIES: dict[str, tuple[Change, int, int]] = {
    "the last entry cut": (rows("entries.ndjson", lambda every: every[:-1]), 4, Step.SEQUENCE),
    "an entry cut out": (rows("entries.ndjson", lambda every: every[:3] + every[4:]), 4, Step.SEQUENCE),
    "one sequence twice": (rows("entries.ndjson", lambda every: [every[0], *every]), 4, Step.SEQUENCE),
    "another order": (rows("entries.ndjson", lambda every: [*every[1::-1], *every[2:]]), 4, Step.SEQUENCE),
    "a kind of the registry": (words(b'"kind":"enrolled"', b'"kind":"site_added"'), 4, Step.FORM),
    "no newline at the end": (rows("entries.ndjson", lambda every: [*every, b"{}"]), 4, Step.FORM),
    "a blank line": (rows("entries.ndjson", lambda every: [*every, b"\n"]), 4, Step.FORM),
    "spaces in an entry": (words(b'{"form"', b'{ "form"'), 4, Step.CANONICAL),
    "a float": (words(b'"kind_version":1', b'"kind_version":1.0'), 4, Step.CANONICAL),
    "a number beyond 2^53": (words(b'"kind_version":1', TWO_53), 4, Step.CANONICAL),
    "a key twice": (words(b'{"form":', b'{"form":"cartrail/1","form":'), 4, Step.CANONICAL),
    "an unknown key": (words(RULES, b'"outside_rule2":'), 4, Step.FORM),
    "another form of entry": (words(b'"form":"cartrail/1"', b'"form":"cartrail/2"'), 4, Step.FORM),
    "half a surrogate pair": (words(b'"carrier":"', b'"carrier":"\\ud800'), 4, Step.FORM),
    "not UTF-8": (words(b'"carrier":"', b'"carrier":"\xff'), 4, Step.FORM),
    "not in NFC": (words(b'"carrier":"', '"carrier":"e\u0301'.encode()), 4, Step.CANONICAL),
    "nested too deeply": (words(RULES, RULES + b"[" * 40 + b"]" * 40 + b',"x":'), 4, Step.CANONICAL),
    "nested beyond reason": (words(RULES, RULES + b"[" * 200_000), 4, Step.FORM),
    "no registry": (put("registry.ndjson", b""), 4, Step.SEQUENCE),
    "a registry entry left out": (rows("registry.ndjson", lambda every: every[1:]), 4, Step.SEQUENCE),
    "its proof still there": (
        rows("registry.ndjson", lambda every: every[:9] + every[10:]),
        4,
        Step.INCLUSION,
    ),
    "the export's entry left out": (rows("registry.ndjson", lambda every: every[:-1]), 4, Step.EXPORT),
    "no proofs": (without("proofs/"), 4, Step.INCLUSION),
    "no proofs of some": (without("proofs/0", "proofs/1"), 4, Step.INCLUSION),
    "an `extra` line in a proof": (extra_proof_line, 4, Step.INCLUSION),
    "proofs swapped": (swapped_proofs, 4, Step.INCLUSION),
    "leaves beside proofs": (put("leaves.csv", b""), 4, Step.MANIFEST),
    "a checkpoint left out": (rows("checkpoints.ndjson", lambda every: every[1:]), 4, Step.EXPORT),
    "checkpoint B left out": (rows("checkpoints.ndjson", lambda every: every[:-1]), 4, Step.CHECKPOINTS),
    "no checkpoints": (put("checkpoints.ndjson", b""), 4, Step.CHECKPOINTS),
    "a checkpoint twice": (rows("checkpoints.ndjson", lambda every: [every[0], *every]), 4, Step.CHECKPOINTS),
    "no consistency proof": (
        rows("checkpoints.ndjson", lambda every: [*every[:-1], no_proof_from_before(every[-1])]),
        4,
        Step.CONSISTENCY,
    ),
    "an unknown key in keys.json": (said("keys.json", more=[]), 4, Step.KEYS),
    "base64 with bits to spare": (spare_bits, 4, Step.KEYS),
    "no people's keys": (said("keys.json", people=[]), 4, Step.KEYS),
    "an opening of another value": (forged_opening, 4, Step.COMMITMENTS),
    "an opening of nothing here": (foreign_opening, 4, Step.COMMITMENTS),
    "no openings at all": (put("openings.json", b"{}\n"), 4, Step.EXPORT),
    "openings that are a list": (put("openings.json", b"[]\n"), 4, Step.COMMITMENTS),
    "another person": (said(exported_by="SOMEBODY"), 4, Step.EXPORT),
    "another time": (said(exported_at="2026-01-01T00:00:00.000Z"), 4, Step.EXPORT),
    "a time that does not exist": (said(exported_at="2026-02-30T00:00:00.000Z"), 4, Step.MANIFEST),
    "another size": (said(tree_size=5), 4, Step.MANIFEST),
    "a size that is true": (said(tree_size=True), 4, Step.MANIFEST),
    "another origin": (said(origin="cartrail/demo/0123456789abcdef"), 4, Step.MANIFEST),
    "another export": (said(export="00000000-0000-7000-8000-000000000000"), 4, Step.EXPORT),
    "no chains": (said(chains=[]), 4, Step.SEQUENCE),
    "a chain with another name": (said(chains=[{"chain": "x"}]), 4, Step.MANIFEST),
    "files that are a list": (put("manifest.json", b"{}\n"), 4, Step.MANIFEST),
    "an unknown key in the manifest": (said(more=1), 4, Step.MANIFEST),
    "no form of ours": (said(form="bundle"), 4, Step.MANIFEST),
    "a newer form": (said(form="cartrail-bundle/2", more=1), 6, Step.MANIFEST),
    "a manifest that is a list": (put("manifest.json", b"[]\n"), 4, Step.MANIFEST),
    "a manifest that is no JSON": (put("manifest.json", b"\xff\n"), 4, Step.MANIFEST),
    "no attachment": (without("attachments/"), 6, Step.ATTACHMENTS),
    "an attachment of nobody": (put(f"attachments/{OF_X}", b"x"), 4, Step.ATTACHMENTS),
    "an attachment by another name": (put("attachments/" + "ab" * 32, b"x"), 4, Step.ATTACHMENTS),
    "another report": (put("trail.pdf", b"%PDF-1.7 all is well"), 4, Step.READING),
    "another table": (put("trail.csv", b"chain,sequence\n"), 4, Step.READING),
    "another EPCIS document": (put("epcis.json", b"{}\n"), 4, Step.READING),
    "a file nobody knows": (put("notes.txt", b"x"), 4, Step.CONTAINER),
    "a path that leaves the folder": (put("../evil", b"x"), 4, Step.CONTAINER),
    "an absolute path": (put("/etc/passwd", b"x"), 4, Step.CONTAINER),
    "a name that is not ASCII": (put("tr\u00e4il.csv", b"x"), 4, Step.CONTAINER),
    "no verifier": (without("verify.py"), 4, Step.CONTAINER),
    "no manifest": (without("manifest.json"), 4, Step.CONTAINER),
}


class TestForgeries:
    @pytest.mark.parametrize("name", FORGERIES)
    def test_each_is_seen_at_its_step(self, one: bytes, name: str) -> None:
        """With the manifest's digests repaired, so that nothing but the evidence itself can tell."""
        change, exit_code, step = FORGERIES[name]
        files = files_of(one)
        change(files)
        bundle = repaired(files) if "manifest.json" in files else zipped(files)
        verdict = judged(bundle)
        assert verdict.exit_code == exit_code, verdict.report and verdict.report.findings
        assert step in (verdict.found() if exit_code == 4 else verdict.missed())

    def test_findings_name_what_was_seen(self, hall: Hall, one: bytes) -> None:
        """The place, what stands there, and what should."""
        chain = hall.demo.therapies[3].coi
        cut = judged(changed(one, "entries.ndjson", lambda body: b"".join(body.splitlines(True)[2:])))
        missing, _ = cut.messages(Step.SEQUENCE)
        assert missing == f"{chain} 0: of the entries before 2, 0 to 1 are missing"
        files = files_of(one)
        words(b'"live"', b'"late"')(files)
        said = judged(repaired(files))
        digests = [leaf_digest(body) for body in files_of(one)["entries.ndjson"].splitlines()]
        now = [leaf_digest(body) for body in files["entries.ndjson"].splitlines()]
        (place,) = (number for number, digest in enumerate(digests) if digest != now[number])
        follows = f"it follows an entry with the digest {digests[place]}; entry {place} has {now[place]}"
        assert said.messages(Step.PREVIOUS) == [f"{chain} {place + 1}: {follows}"]
        words(b'"kind_version":1', b'"kind_version":1.5')(files)
        assert judged(repaired(files)).messages(Step.CANONICAL) == [
            "entries.ndjson line 1: statement.kind_version is a number with a fraction or exponent"
        ]

    def test_reading_files_are_no_evidence(self, one: bytes) -> None:
        """They may be absent, each by itself or all."""
        for names in (
            ("trail.csv",),
            ("trail.pdf",),
            ("epcis.json",),
            ("trail.csv", "trail.pdf", "epcis.json"),
        ):
            left = {name: content for name, content in files_of(one).items() if name not in names}
            assert judged(repaired(left)).exit_code == 0

    def test_a_digest_that_was_not_repaired(self, one: bytes) -> None:
        files = files_of(one)
        files["verify.py"] += b"x"
        verdict = judged(zipped(files))
        assert verdict.exit_code == 4 and verdict.found() == {Step.MANIFEST}


class TestContainers:
    def test_cut_padded_and_something_else(self, one: bytes) -> None:
        for bundle in (
            b"",
            b"x",
            one[:-1],
            one[: len(one) // 2],
            one + b"\0",
            b"\0" + one,
            one[22:],
            one * 2,
        ):
            assert judged(bundle).exit_code == 2

    def test_another_zip(self) -> None:
        """A text document is a zip too; it is not a bundle that somebody changed."""
        assert judged(zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"})).exit_code == 2

    def test_zipped_by_another_program(self, one: bytes) -> None:
        """Compressed, with another time, with folders, a comment, an extra field, a name twice."""
        files = files_of(one)

        def written(change: Callable[[zipfile.ZipInfo], None], **options: object) -> bytes:
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w", **options) as bundle:  # type: ignore[call-overload]
                for name in sorted(files):
                    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                    info.create_system, info.external_attr = 3, 0o100644 << 16
                    change(info)
                    bundle.writestr(info, files[name])
                bundle.comment = b"hello" if options.get("strict_timestamps") is False else b""
            return out.getvalue()

        def nothing(_: zipfile.ZipInfo) -> None: ...

        assert judged(written(nothing)).exit_code == 0
        attempts: list[bytes] = [
            written(lambda info: setattr(info, "compress_type", zipfile.ZIP_DEFLATED)),
            written(lambda info: setattr(info, "date_time", (2026, 1, 1, 0, 0, 0))),
            written(lambda info: setattr(info, "create_system", 0)),
            written(lambda info: setattr(info, "external_attr", 0o100755 << 16)),
            written(lambda info: setattr(info, "extra", b"\xfe\xca\x00\x00")),
            written(lambda info: setattr(info, "comment", b"x")),
            zipped(files, order=lambda name: name[::-1]),
        ]
        for bundle in attempts:
            verdict = judged(bundle)
            assert verdict.exit_code == 4 and verdict.found() == {Step.CONTAINER}
        # With a comment behind it, its end is not where a bundle has one.
        assert judged(written(nothing, strict_timestamps=False)).exit_code == 2

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_a_name_twice(self, one: bytes) -> None:
        files = files_of(one)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as bundle:
            for name in sorted([*files, "trail.csv"]):
                info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                info.create_system, info.external_attr = 3, 0o100644 << 16
                bundle.writestr(info, files[name])
        assert judged(out.getvalue()).found() == {Step.CONTAINER}

    def test_a_bomb(self, one: bytes) -> None:
        """What unpacks to gigabytes is not unpacked."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
            for name in sorted(files_of(one)):
                bundle.writestr(name, bytes(1 << 20))
        assert judged(out.getvalue()).found() == {Step.CONTAINER}

    def test_a_file_that_cannot_be_read(self, tmp_path: Path) -> None:
        for path in (tmp_path, tmp_path / "nowhere.zip"):
            with pytest.raises(InputError):
                verify_bundle(path)
        empty = tmp_path / "empty.zip"
        empty.write_bytes(b"")
        with pytest.raises(InputError, match="this file is damaged"):
            verify_bundle(empty)


class TestTheOperator:
    """Whoever holds the log's key and a person's can sign anything; the forms and links still bind them."""

    def forged(self, hall: Hall, bundle: bytes, change: Callable[[dict[str, object]], None]) -> bytes:
        """The export's own entry said otherwise, and signed again by its person."""
        files = files_of(bundle)
        rows = files["registry.ndjson"].splitlines(keepends=True)
        entry = json.loads(rows[-1])
        old = leaf_digest(rows[-1][:-1])
        change(entry["statement"])
        digest = hashlib.sha256(canonical(entry["statement"])).hexdigest()
        signer = hall.auditor
        made = signer.sign(digest, Meaning.PERFORMED, hall.clock.now())
        entry["signatures"] = [made.to_json()]
        body = canonical(entry)
        files["registry.ndjson"] = b"".join([*rows[:-1], body + b"\n"])
        files[f"proofs/{leaf_digest(body)}.tlog-proof"] = files.pop(f"proofs/{old}.tlog-proof")
        return repaired(files)

    def payload(self, **put: object) -> Callable[[dict[str, object]], None]:
        def change(statement: dict[str, object]) -> None:
            payload = statement["payload"]
            assert isinstance(payload, dict)
            payload.update(put)

        return change

    def test_said_as_it_was(self, hall: Hall, one: bytes) -> None:
        """Signed again it stands or falls with its place in the tree alone."""
        verdict = judged(self.forged(hall, one, self.payload(free_text=False)))
        assert verdict.found() == {Step.INCLUSION, Step.COMMITMENTS}

    @pytest.mark.parametrize(
        "keys",
        [
            {"more": 1},
            {"tree_size": 0},
            {"tree_size": "5"},
            {"root": "x"},
            {"whole": 1},
            {"checkpoints": [-1]},
            {"reason": None},
            {"reason": "because"},
        ],
    )
    def test_a_payload_of_another_shape(self, hall: Hall, one: bytes, keys: dict[str, object]) -> None:
        """A signature makes it no event of ours."""
        verdict = judged(self.forged(hall, one, self.payload(**keys)))
        assert verdict.exit_code == 4 and Step.FORM in verdict.found()

    def test_a_kind_nobody_knows(self, hall: Hall, one: bytes) -> None:
        """It verifies as evidence and is said not to be understood; the export is then not there."""
        verdict = judged(self.forged(hall, one, lambda statement: statement.update(kind_version=9)))
        assert verdict.exit_code == 4 and Step.FORM in verdict.missed() and Step.EXPORT in verdict.found()
