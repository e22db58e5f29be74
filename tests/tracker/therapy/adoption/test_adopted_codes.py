"""Codes of others: announced by a manifest, bound by scan, then as good as ours, and never guessed."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labels.identities import gs1_parts, identities
from labels.reader import read
from schema.canonical import plain_digest
from schema.errors import BadCode, InputError
from schema.events.adoption import CodesBound, ManifestForm, ManifestReceived
from schema.events.identity import MixupPrevented
from schema.vocabulary import CodeType, FinalDisposition, Material
from tests.support.commands import Cartrail
from tests.support.demos import DemoSite
from tests.support.invariants import require_projections
from tests.support.journeys import World, box_id
from tests.support.licensed import (
    BAG,
    COI_040,
    DIN,
    GTIN,
    LOT,
    MAKERS_COI,
    MANIFEST,
    ORDER,
    PRODUCTS,
    at_collection,
    binding,
    bound,
    content_of,
    enrolled,
    licensed_protocol,
    received,
    registered,
    storage,
)
from tracker.demo import cast
from tracker.demo.journey import GOOD_RESULTS, scan
from tracker.evidence.standalone import verify
from tracker.evidence.verification.store import verify_store
from tracker.exports.uris import digital_link
from tracker.requests.base import AdoptedCodeGiven, Scan
from tracker.rules.situation import Found
from tracker.therapy.adoption import requests as adoption
from tracker.therapy.adoption.manifest_file import manifest_of
from tracker.therapy.adoption.manifests import tally
from tracker.therapy.adoption.requests import AdoptCode
from tracker.therapy.course import Close
from tracker.therapy.custody import requests as custody
from tracker.therapy.identity import requests as identity
from tracker.therapy.making import requests as processing

Worlds = Callable[[str], World]


def codes(*texts: str) -> tuple[Scan, ...]:
    """What a scanner sent."""
    return tuple(Scan(code=text) for text in texts)


class TestManifests:
    @pytest.mark.parametrize("form", [*ManifestForm])
    def test_every_form_says_the_same(self, form: ManifestForm) -> None:
        """TOML, JSON and CSV are read alike, and a donation number in any spelling is one."""
        texts = {
            ManifestForm.TOML: 'issuer = "MAKER"\nnumber = "M-1"\ncodes = [{ type = "lot", value = "L-1" }]\n'
            '[[units]]\nitem = 1\nmaterial = "product"\n'
            'codes = [{ type = "din", value = "=A99992600077700", issuer = "COLL-A" }]\n',
            ManifestForm.JSON: '{"issuer":"MAKER","number":"M-1","codes":[{"type":"lot","value":"L-1"}],'
            '"units":[{"item":1,"material":"product",'
            '"codes":[{"type":"din","value":"A9999 26 000777","issuer":"COLL-A"}]}]}',
            ManifestForm.CSV: "\ufeffissuer,number,item,material,type,code_issuer,value\r\n"
            "MAKER,M-1,,,lot,,L-1\r\nMAKER,M-1,1,product,din,COLL-A,A999926000777\r\n",
        }
        manifest = manifest_of(content_of(texts[form]), form)
        assert [(one.issuer, one.type, one.value) for one in manifest.all_codes] == [
            ("MAKER", CodeType.LOT, "L-1"),
            ("COLL-A", CodeType.DIN, DIN),
        ]
        assert manifest.sha256 == plain_digest(texts[form].encode())
        assert [(unit.item, unit.material) for unit in manifest.units] == [(1, Material.PRODUCT)]

    @pytest.mark.parametrize("form", [*ManifestForm])
    def test_findings_c3_blanks_around_a_value_are_none_of_it(self, form: ManifestForm) -> None:
        """A spreadsheet's blank keeps no scan from finding its lot."""
        texts = {
            ManifestForm.TOML: 'issuer = "MAKER"\nnumber = "M-1"\n'
            'codes = [{ type = "lot", value = " LOT7 " }]\n',
            ManifestForm.JSON: '{"issuer":"MAKER","number":"M-1","codes":[{"type":"lot","value":" LOT7 "}]}',
            ManifestForm.CSV: "issuer,number,item,material,type,code_issuer,value\nMAKER,M-1,,,lot,, LOT7 \n",
        }
        (code,) = manifest_of(content_of(texts[form]), form).all_codes
        assert code.value == "LOT7"

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (("A9999 26 000777", "A9999 26 00077"), "not a din"),
            (("A9999 26 000777", "A9999 26 0007771"), "check character"),
            ((COI_040, "CHA999926A1B2C31"), "check character"),
            ((ORDER, "CTUD23456789226V"), "code of cartrail"),
            ((ORDER, "=#0119800101"), "patient"),
            ((ORDER, "]d28018123456789012345675"), "patient"),
            (("BAG-0002", "BAG-0001"), "two things"),
            ((ORDER, MAKERS_COI), "MAN"),
            ((f"(01){GTIN}(10){LOT}(21)0001", f"]d201{GTIN}17261231"), "which one"),
            (("value\n", "value,patient_name\n"), "first line"),
            (("MAN-0042,3,", "MAN-0043,3,"), "one number"),
            ((ORDER, "L\u00fcbeck 1"), "letters, digits"),
            ((ORDER, "x" * 130), "130"),
            ((f"(01){GTIN}(10){LOT}(21)0001", f"(01){GTIN[:-1]}9(10){LOT}(21)0001"), "line 6 (item 2): GS1"),
            ((f"(01){GTIN}(10){LOT}(21)0001", GTIN[1:]), "13 digits"),
            ((f"(01){GTIN}(10){LOT}(21)0001", "9.50600E+12"), "a spreadsheet made of a number"),
            ((ORDER, '"=""000123"""'), "a spreadsheet made of a number"),
            ((ORDER, "1.2E+5"), "line 3 (therapy)"),
            (("leukapheresis", "plasma"), "material"),
            (("MAN-0042,2,", "MAN-0042,2_0,"), "item"),
            (("MAN-0042,2,", "MAN-0042, 2,"), "item"),
            ((",order,", ",name,"), "type"),
        ],
    )
    def test_what_is_wrong_is_said(self, change: tuple[str, str], reason: str) -> None:
        """A damaged code, one of ours, one that names a patient or a kind of thing, or a word too many."""
        text = MANIFEST.replace(*change)
        assert text != MANIFEST
        if reason == "MAN":
            assert manifest_of(content_of(text), ManifestForm.CSV)  # two issuers may give one value
            return
        with pytest.raises(InputError) as refused:
            manifest_of(content_of(text), ManifestForm.CSV)
        assert refused.value.code == "bad_manifest" and reason in refused.value.message

    def test_findings_c3_a_manifest_in_another_order_than_the_label(self, world: Worlds) -> None:
        """The document says serial number before lot, the label sends lot first: bound at the chair."""
        given = world("enrolled")
        enrolled(given)
        more = f"MAKER,MAN-0042,1,leukapheresis,container,,(01){GTIN}(21)0009(10)LOT77\n"
        given.do(
            adoption.ReceiveManifest,
            "NURSE-A1",
            coi=Scan(code=ORDER),
            form=ManifestForm.CSV,
            content=content_of(MANIFEST + more),
        )
        patient = {"coi": Scan(code=ORDER), "patient": given.one.wristband()}
        given.do(identity.IdentifyPatient, "NURSE-A1", others="NURSE-A2 witnessed", **patient)
        bag = registered(given, "NURSE-A1", Material.LEUKAPHERESIS)
        bound(given, "NURSE-A1", bag, f"]d201{GTIN}10LOT77\x1d210009")
        payload = given.entries(given.one.coi)[-1].statement.payload
        assert isinstance(payload, CodesBound) and not payload.unlisted
        assert [one.value for one in payload.codes] == [f"(01){GTIN}(10)LOT77(21)0009"]

    @pytest.mark.parametrize(
        "text",
        [
            '# for Jane\nissuer = "MAKER"\nnumber = "M-1"\ncodes = [{ type = "lot", value = "1" }]',
            'issuer = "MAKER"\nnumber = "M-1"\nname = "Jane"\ncodes = [{ type = "lot", value = "1" }]',
            'issuer = "MAKER"\nnumber = "M-1"\n',
            "issuer = ",
            "\x00",
            "",
        ],
    )
    def test_no_words_beside_the_codes(self, text: str) -> None:
        """The file is kept for ever, so a comment or another field is refused, as is what is no TOML."""
        with pytest.raises(InputError) as refused:
            manifest_of(content_of(text), ManifestForm.TOML)
        assert refused.value.code == "bad_manifest"

    @pytest.mark.parametrize("content", ["not base64!", "////"])
    def test_no_text_at_all(self, content: str) -> None:
        """Bytes that are no base64, and bytes that are no text."""
        with pytest.raises(InputError):
            manifest_of(content, ManifestForm.JSON)

    def test_it_is_kept_with_its_file(self, world: Worlds) -> None:
        """The event says what the file says; the file itself is an attachment."""
        given = world("enrolled")
        received(given, scan(given.one.coi))
        payload = given.entries(given.one.coi)[-1].statement.payload
        assert isinstance(payload, ManifestReceived) and len(payload.units) == 3
        with given.tracker.store.read() as transaction:
            assert transaction.attachment(payload.sha256) == MANIFEST.encode()
        assert not given.state().adopted
        again = given.refusal(
            adoption.ReceiveManifest,
            "NURSE-A1",
            coi=scan(given.one.coi),
            form=ManifestForm.CSV,
            content=content_of(MANIFEST),
        )
        assert again.error == "already_done"
        assert verify_store(given.url).exit_code == 0

    def test_another_therapy_cannot_have_the_same_codes(self, world: Worlds) -> None:
        """Neither announced nor bound, and nothing of the second file is taken."""
        given = world("enrolled")
        received(given, scan(given.one.coi))
        values = {"coi": scan(given.two.coi), "form": ManifestForm.CSV, "content": content_of(MANIFEST)}
        assert given.refusal(adoption.ReceiveManifest, "NURSE-A1", **values).error == "code_taken"
        taken = AdoptedCodeGiven(code=ORDER, issuer="HOSP-A", type=CodeType.ORDER)
        refused = given.refusal(AdoptCode, "NURSE-A1", coi=scan(given.two.coi), adopted=taken)
        assert refused.error == "code_taken"
        values["content"] = content_of(MANIFEST.replace("MAKER", "OTHER").replace("HOSP-A", "HOSP-B"))
        assert given.refusal(adoption.ReceiveManifest, "NURSE-A1", **values).error == "code_taken"

    def test_only_who_works_with_it_takes_it_in(self, world: Worlds) -> None:
        """A courier has no part in it."""
        given = world("enrolled")
        values = {"coi": scan(given.one.coi), "form": ManifestForm.CSV, "content": content_of(MANIFEST)}
        assert given.refusal(adoption.ReceiveManifest, "COUR-X1", **values).error == "no_part"


class TestBinding:
    def test_announced_is_not_bound(self, world: Worlds) -> None:
        """Before the scan a code says whose it will be, and stands for nothing yet."""
        given = world("enrolled")
        received(given, scan(given.one.coi))
        found = given.tracker.read.lookup(code=PRODUCTS[0])
        assert found.resolution.found is Found.ANNOUNCED and found.resolution.coi == given.one.coi
        values = {"units": codes(PRODUCTS[0]), "reason": "other"}
        assert given.refusal(processing.Quarantine, "QA-2", **values).error == "not_bound"
        refused = given.refusal(
            identity.IdentifyPatient,
            "NURSE-A1",
            others="NURSE-A2 witnessed",
            coi=Scan(code=MAKERS_COI),
            patient=given.one.wristband(),
        )
        assert refused.error == "not_bound"

    def test_at_collection(self, world: Worlds) -> None:
        """Each label scanned is bound, what was not scanned is missing, and any way of sending it is read."""
        given = world("enrolled")
        enrolled(given)
        received(given, Scan(code=ORDER))
        given.do(
            identity.IdentifyPatient,
            "NURSE-A1",
            others="NURSE-A2 witnessed",
            coi=Scan(code=ORDER),
            patient=given.one.wristband(),
        )
        bag = registered(given, "NURSE-A1", Material.LEUKAPHERESIS)
        bound(given, "NURSE-A1", bag, f"]C0={DIN}00")
        payload = given.entries(given.one.coi)[-1].statement.payload
        assert isinstance(payload, CodesBound) and payload.item == 1
        assert [one.value for one in payload.codes] == [DIN]
        assert [one.value for one in payload.missing] == [COI_040]
        found = tally(given.state(), given.state().units[bag])
        assert found is not None and [one.value for one in found.missing] == [COI_040]
        for sent in (f"={DIN}00", f"={DIN}07", f"]C0={DIN}00\r", DIN, f"=+02000={DIN}00&/{COI_040}"):
            assert given.tracker.read.lookup(code=sent).resolution.unit == bag, sent
        bound(given, "NURSE-A1", bag, f"&/{COI_040}")
        assert given.tracker.read.lookup(code=COI_040).resolution.unit == bag
        again = given.refusal(adoption.BindCodes, "NURSE-A1", **binding(bag, *BAG.values()))
        assert again.error == "already_done"
        require_projections(given, [given.one])

    def test_a_code_that_is_not_on_the_manifest(self, world: Worlds) -> None:
        """STOP; recorded all the same it is marked, committed, and binds nothing."""
        given = world("enrolled")
        bag = at_collection(given)
        values = binding(bag, f"={DIN}00", "STRANGE-7")
        refused = given.refusal(adoption.BindCodes, "NURSE-A1", **values)
        assert refused.error == "not_on_manifest"
        given.do(
            adoption.BindCodes,
            "NURSE-A1",
            others="NURSE-A2 witnessed",
            outside_rules={"reason": "identity_in_doubt"},
            **values,
        )
        entry = given.entries(given.one.coi)[-2]
        assert "not_on_manifest" in entry.statement.outside_rules
        assert b"STRANGE-7" not in given.bytes_of(given.one.coi)
        assert given.tracker.read.lookup(code="STRANGE-7").resolution.found is Found.FOREIGN

    @pytest.mark.parametrize(
        "sent",
        [
            f"=+02000={DIN}00&/CHA999926ZZZZZZ",
            f"=+02000=A99992600077800&/{COI_040}",
        ],
    )
    def test_each_field_of_a_composite_code_is_compared(self, world: Worlds, sent: str) -> None:
        """A message whose donation number fits and whose chain of identity does not is not that bag's."""
        given = world("enrolled")
        bag = at_collection(given)
        found = given.tracker.read.lookup(code=sent).resolution
        assert found.found is Found.UNKNOWN and "beside it" in found.note
        refused = given.refusal(adoption.BindCodes, "NURSE-A1", **binding(bag, f"={DIN}00", sent))
        assert refused.error == "not_on_manifest"

    def test_labels_of_another_container(self, world: Worlds) -> None:
        """What the manifest gives to another container is not bound to this one, whoever says it happened."""
        given = world("enrolled")
        bag = at_collection(given)
        for outside in (None, {"reason": "identity_in_doubt"}):
            values = binding(bag, f"={DIN}00", PRODUCTS[0])
            refused = given.refusal(
                adoption.BindCodes, "NURSE-A1", others="NURSE-A2 witnessed", outside_rules=outside, **values
            )
            assert refused.error == "other_container"
        second = registered(given, "NURSE-A1", Material.LEUKAPHERESIS)
        assert given.refusal(adoption.BindCodes, "NURSE-A1", **binding(second, f"={DIN}00")).error in (
            "other_container",
            "code_taken",
        )
        assert (
            given.refusal(adoption.BindCodes, "NURSE-A1", **binding(second, PRODUCTS[0])).error
            == "wrong_material"
        )

    def test_another_patients_label_is_a_prevented_mixup(self, world: Worlds) -> None:
        """At the binding and at the chair: kept in the expected chain, committed; a repeat is counted."""
        given = world("enrolled")
        bag = at_collection(given)
        other = AdoptedCodeGiven(code="THEIRS-1", issuer="MAKER-B", type=CodeType.LOT)
        given.do(AdoptCode, "NURSE-A1", coi=scan(given.two.coi), adopted=other)
        before = len(given.entries(given.one.coi))
        for outside in (None, {"reason": "identity_in_doubt"}):
            refused = given.refusal(
                adoption.BindCodes,
                "NURSE-A1",
                outside_rules=outside,
                **binding(bag, f"={DIN}00", "THEIRS-1"),
            )
            assert refused.error == "mixup"
        refused = given.refusal(
            identity.IdentifyPatient,
            "NURSE-A1",
            others="NURSE-A2 witnessed",
            coi=Scan(code="THEIRS-1"),
            patient=given.one.wristband(),
        )
        assert refused.error == "mixup"
        kinds = given.kinds(given.one.coi)[before:] + given.kinds(given.two.coi)
        assert kinds.count("mixup_prevented") == 2
        assert b"THEIRS-1" not in given.bytes_of(given.one.coi)
        evidence = given.entries(given.one.coi)[before].statement.payload
        assert isinstance(evidence, MixupPrevented) and evidence.field == "codes"

    def test_no_manifest(self, world: Worlds) -> None:
        """Without one there is nothing to compare with."""
        given = world("collected")
        refused = given.refusal(
            adoption.BindCodes, "NURSE-A1", coi=scan(given.one.coi), unit=given.one.bag, codes=codes("X-1")
        )
        assert refused.error == "no_manifest"

    def test_what_stands_for_the_therapy_counts_as_scanned(self, world: Worlds) -> None:
        """Papers and bag scanned again, the therapy's own codes among them: nothing new is in it."""
        given = world("enrolled")
        bag = at_collection(given)
        for unit, again in (
            (None, (MAKERS_COI, ORDER)),
            (bag, (ORDER, *BAG.values())),
            (bag, (BAG["din"], MAKERS_COI)),
        ):
            refused = given.refusal(adoption.BindCodes, "NURSE-A1", **binding(unit, *again))
            assert refused.error == "already_done", again

    def test_what_is_still_to_scan(self, world: Worlds) -> None:
        """Of the one bag the manifest has of its material; of two bags it may be either, so of none."""
        given = world("enrolled")
        bag = at_collection(given)
        collected = tally(given.state(), given.state().units[bag])
        assert collected is not None and collected.missing == ()
        second = registered(given, "NURSE-A1", Material.LEUKAPHERESIS)
        assert tally(given.state(), given.state().units[second]) is None
        product = registered_product(given)
        assert tally(given.state(), given.state().units[product]) is None
        bound(given, "OPER-1", product, PRODUCTS[0])
        last = registered(given, "OPER-1", Material.PRODUCT)
        found = tally(given.state(), given.state().units[last])
        assert found is not None
        assert [one.value for one in found.missing] == [f"(01){GTIN}(10){LOT}(21)0002", "BAG-0002"]

    def test_our_label_is_scanned_along(self, world: Worlds) -> None:
        """A container that has a label of ours shows by it that the other labels are on this one."""
        given = world("collected")
        coi, bag = scan(given.one.coi), given.one.bag
        received(given, coi)
        labels = codes(*BAG.values())
        refused = given.refusal(adoption.BindCodes, "NURSE-A1", coi=coi, unit=bag, codes=labels)
        assert refused.error == "identifier_missing"
        given.do(adoption.BindCodes, "NURSE-A1", coi=coi, unit=bag, codes=(*labels, scan(bag)))
        assert given.tracker.read.lookup(code=f"={DIN}00").resolution.unit == bag

    def test_a_code_beside_the_manifest(self, world: Worlds) -> None:
        """Who has sent a manifest has no further codes; one more is a STOP, recordable with marks."""
        given = world("enrolled")
        received(given, scan(given.one.coi))
        extra = AdoptedCodeGiven(code="EXTRA-1", issuer="MAKER", type=CodeType.LOT)
        values: dict[str, Any] = {"coi": scan(given.one.coi), "adopted": extra}
        assert given.refusal(AdoptCode, "NURSE-A1", **values).error == "not_on_manifest"
        on_it = extra.model_copy(update={"code": MAKERS_COI, "type": CodeType.MANUFACTURER_COI})
        assert given.refusal(AdoptCode, "NURSE-A1", coi=values["coi"], adopted=on_it).error == ("not_bound")
        free = extra.model_copy(update={"issuer": "LAB-X"})
        given.do(AdoptCode, "NURSE-A1", coi=values["coi"], adopted=free)


class TestTwoIssuers:
    def test_same_value_alone_binds_nothing(self, world: Worlds) -> None:
        """Another code of the same label has to say whose it is; afterwards alone it is nobody's."""
        given = world("enrolled")
        same = AdoptedCodeGiven(code="BAG-0001", issuer="OTHER", type=CodeType.HOSPITAL_UNIT)
        given.do(AdoptCode, "NURSE-A1", coi=scan(given.two.coi), adopted=same)
        at_collection(given)
        unit = registered_product(given)
        refused = given.refusal(adoption.BindCodes, "OPER-1", **binding(unit, "BAG-0001"))
        assert refused.error == "ambiguous_code"
        bound(given, "OPER-1", unit, "BAG-0001", PRODUCTS[0])
        found = given.tracker.read.lookup(code="BAG-0001").resolution
        assert found.found is Found.UNKNOWN and "HOSP-A" in found.note and "OTHER" in found.note
        values = {"units": codes("BAG-0001"), "reason": "other"}
        assert given.refusal(processing.Quarantine, "QA-2", **values).error == "unknown_code"
        given.do(processing.Quarantine, "QA-2", units=codes(PRODUCTS[0]), reason="other")

    def test_the_command_says_whose_it_could_be(self, world: Worlds, cartrail: Cartrail) -> None:
        """Both issuers, and what to do; nothing is guessed."""
        given = world("enrolled")
        for journey, issuer in ((given.one, "MAKER"), (given.two, "OTHER")):
            code = AdoptedCodeGiven(code="SAME-1", issuer=issuer, type=CodeType.LOT)
            given.do(AdoptCode, "NURSE-A1", coi=scan(journey.coi), adopted=code)
        said = cartrail("scan", "SAME-1", "--lookup", "--database", given.url, exit_code=3)
        assert "MAKER, OTHER" in said.out and "another code" in said.out


class TestDonations:
    def test_the_number_announced_for_the_bag(self, world: Worlds) -> None:
        """Read off the label with the product code beside it, before or after the manifest was scanned."""
        given = world("enrolled")
        enrolled(given)
        received(given, Scan(code=ORDER))
        given.do(
            identity.IdentifyPatient,
            "NURSE-A1",
            others="NURSE-A2 witnessed",
            coi=Scan(code=ORDER),
            patient=given.one.wristband(),
        )
        bag = registered(given, "NURSE-A1", Material.LEUKAPHERESIS)
        bound(given, "NURSE-A1", bag, BAG["coi"])
        din = Scan(code=f"={DIN}00=<S1234100")
        values = {"coi": Scan(code=ORDER), "units": codes(BAG["coi"]), "din": din}
        given.do(processing.StartCollection, "NURSE-A1", **values)
        assert given.state().units[bag].din == DIN
        assert given.tracker.read.lookup(code=f"={DIN}00").resolution.unit == bag
        require_projections(given, [given.one])

    def test_the_number_of_another_bag(self, world: Worlds) -> None:
        """A number that is bound to one bag starts no other bag's collection."""
        given = world("enrolled")
        at_collection(given)
        second = registered(given, "NURSE-A1", Material.LEUKAPHERESIS)
        label = AdoptedCodeGiven(code="TAG-2", issuer="LAB-X", type=CodeType.HOSPITAL_UNIT)
        adopted = {"coi": Scan(code=ORDER), "unit": scan(second), "adopted": label}
        given.do(AdoptCode, "NURSE-A1", **adopted)
        values = {"coi": Scan(code=ORDER), "units": codes("TAG-2"), "din": Scan(code=f"={DIN}00")}
        assert given.refusal(processing.StartCollection, "NURSE-A1", **values).error == "din_used"


def registered_product(given: World) -> str:
    """A product bag to fill, after the collection went through to manufacturing."""
    to_manufacturing(given)
    return registered(given, "OPER-1", Material.PRODUCT)


def to_manufacturing(given: World) -> None:
    """From the chair to the clean room on the bag's own labels, whichever of them is scanned."""
    bag, other = codes(BAG["din"]), codes(BAG["coi"])
    given.do(
        processing.StartCollection, "NURSE-A1", coi=Scan(code=ORDER), units=bag, din=Scan(code=f"={DIN}00")
    )
    given.one.wait(hours=3)
    given.do(
        processing.CompleteCollection, "NURSE-A1", others="NURSE-A2 witnessed", units=other, volume_ml="210"
    )
    lab = {"type": "department", "id": "COLL-A/CELL-LAB"}
    given.do(custody.Relinquish, "NURSE-A1", units=bag, to=lab)
    given.do(custody.Accept, "TECH-A1", units=other)
    given.do(processing.Cryopreserve, "TECH-A1", units=bag)
    ship(given, bag, "TECH-A1", "TECH-A2", "COLL-A", cast.HUB, "Dry shipper 1")
    dock(given, "DOCK-M", "OPER-1", cast.HUB, "PRODUCTION", "Dry shipper 1")
    opened(given, "OPER-1", cast.HUB, "Dry shipper 1", other)
    (unit,) = (
        one for one in given.state().units if one == given.tracker.read.lookup(code=DIN).resolution.unit
    )
    bound(given, "OPER-1", unit, *BAG.values())  # at receipt: the same labels, at another site
    values = {"units": other, "coi": Scan(code=MAKERS_COI)}
    given.do(processing.StartManufacturing, "OPER-1", others="OPER-2 witnessed", **values)


def ship(
    given: World, units: tuple[Scan, ...], packer: str, second: str, site: str, to: str, box: str
) -> None:
    """Packed, sealed and with the courier."""
    shipper = scan(given.network.boxes[box])
    given.do(
        custody.Pack,
        packer,
        others=f"{second} witnessed",
        units=units,
        box=shipper,
        seal=Scan(code="SEAL-4711"),
        tally=len(units),
        carrier="CARR-X",
        destination=to,
    )
    given.do(custody.Relinquish, packer, box=shipper, seal=Scan(code="SEAL-4711"))
    given.do(custody.Accept, "COUR-X1", at=site, box=shipper, seal=Scan(code="SEAL-4711"))


def dock(given: World, receiver: str, lab: str, site: str, department: str, box: str) -> None:
    """Received closed and brought to those who open it."""
    values: dict[str, Any] = {"box": scan(given.network.boxes[box]), "seal": Scan(code="SEAL-4711")}
    given.do(custody.Relinquish, "COUR-X1", at=site, **values)
    given.do(custody.Accept, receiver, at=site, **values)
    party = {"type": "department", "id": f"{site}/{department}"}
    given.do(custody.Relinquish, receiver, at=site, to=party, **values)
    given.do(custody.Accept, lab, at=site, **values)


def opened(given: World, actor: str, site: str, box: str, units: tuple[Scan, ...]) -> None:
    """Opened, each bag matched by its own label."""
    given.do(
        custody.Inspect,
        actor,
        at=site,
        box=scan(given.network.boxes[box]),
        seal_intact=True,
        results=tuple({"unit": one, "result": "accept"} for one in units),
    )


class TestVeinToVein:
    def test_nothing_of_ours_on_any_container(self, world: Worlds) -> None:
        """Collected, made, tested, released, shipped and infused on the labels of others alone."""
        given = world("enrolled")
        at_collection(given)
        bags = manufactured(given)
        for test, result in GOOD_RESULTS.items():
            given.do(processing.RecordTest, "QA-2", coi=Scan(code=ORDER), test=test, result=result)
        given.do(processing.Release, "QP-1", others="QA-2 reviewed", units=codes(*PRODUCTS))
        ship(given, codes(*PRODUCTS), "OPER-1", "OPER-2", cast.HUB, "TREAT-A", "Dry shipper 5")
        dock(given, "DOCK-A", "LAB-A1", "TREAT-A", "CELL-LAB", "Dry shipper 5")
        opened(given, "LAB-A1", "TREAT-A", "Dry shipper 5", codes(PRODUCTS[0], "BAG-0002"))
        for unit, sent, number in zip(bags, PRODUCTS, ("BAG-0001", "BAG-0002"), strict=True):
            bound(given, "LAB-A1", unit, sent, number)
        infused(given, f"https://id.gs1.org/01/{GTIN}/10/{LOT}/21/0001?17=270101")
        infused(given, "BAG-0002")
        assert all(given.state().units[unit].final is FinalDisposition.INFUSED for unit in bags)
        assert all(not unit.labels for unit in given.state().units.values())
        given.do(Close, "QA-A", coi=Scan(code=ORDER))
        require_projections(given, [given.one])
        assert verify_store(given.url).exit_code == 0
        spoken = [read.code for entry in given.entries(given.one.coi) for read in entry.statement.reads]
        assert not [
            code for code in spoken if isinstance(code, str) and code.startswith(("CTU", "CTC", "CTK"))
        ]

    def test_the_protocol_waits_for_no_label_of_ours(self) -> None:
        """A protocol that keeps a maker's label and waits for one of ours could never be gone through."""
        file = licensed_protocol()
        text = file.content.decode().replace('"code_adopted|codes_bound"', '"label_applied"')
        from tracker.protocols.library import parse_protocol

        with pytest.raises(InputError, match="keeps its maker's label"):
            parse_protocol(text.encode())


def manufactured(given: World) -> list[str]:
    """Two product bags, filled and frozen in the labels that the maker put on them."""
    to_manufacturing(given)
    bags = []
    for number, sent in enumerate(PRODUCTS, start=1):
        bags.append(registered(given, "OPER-1", Material.PRODUCT))
        bound(given, "OPER-1", bags[-1], sent, f"BAG-000{number}")
    given.do(
        processing.CompleteManufacturing,
        "OPER-1",
        others="OPER-2 witnessed",
        units=codes(BAG["din"]),
        children=tuple(processing.ChildGiven(unit=Scan(code=sent), volume_ml="68") for sent in PRODUCTS),
    )
    given.do(processing.Cryopreserve, "OPER-1", units=codes(*PRODUCTS))
    return bags


def infused(given: World, sent: str) -> None:
    """One bag to the bed and into the vein."""
    bag = codes(sent)
    patient = {"coi": Scan(code=MAKERS_COI), "patient": given.one.wristband()}
    given.do(identity.MatchBeforeThaw, "LAB-A1", others="PHARM-A witnessed", units=bag, **patient)
    for request_class in (processing.StartThaw, processing.EndThaw, identity.MatchBag):
        given.do(request_class, "LAB-A1", units=bag)
    given.do(custody.Relinquish, "LAB-A1", units=bag, to={"type": "department", "id": "TREAT-A/WARD"})
    given.do(custody.Accept, "DOC-A1", units=bag)
    given.do(identity.MatchAtBedside, "DOC-A1", others="DOC-A2 witnessed", units=bag, **patient)
    given.do(processing.StartInfusion, "DOC-A1", units=bag)
    given.do(processing.CompleteInfusion, "DOC-A1", units=bag, infused_ml="68")


class TestAdoptedValues:
    @pytest.mark.parametrize(
        ("code_type", "given_code", "value"),
        [
            (CodeType.DIN, f"]C0={DIN}00\r", DIN),
            (CodeType.DIN, DIN, DIN),
            (CodeType.ISBT_COI, f"&/{COI_040}", COI_040),
            (CodeType.LOT, f"]d201{GTIN}10{LOT}\x1d210001", LOT),
            (CodeType.CONTAINER, f"]C101{GTIN}10{LOT}\x1d210001", f"(01){GTIN}(10){LOT}(21)0001"),
            (CodeType.ORDER, " ORDER 7 ", "ORDER 7"),
        ],
    )
    def test_one_value_for_all_spellings(
        self, world: Worlds, code_type: CodeType, given_code: str, value: str
    ) -> None:
        """What is stored of an adopted code is what it says, not how it was sent."""
        given = world("enrolled")
        adopted = AdoptedCodeGiven(code=given_code, issuer="MAKER", type=code_type)
        given.do(AdoptCode, "NURSE-A1", coi=scan(given.one.coi), adopted=adopted)
        assert [one.value for one in given.state().adopted] == [value]
        assert given.tracker.read.lookup(code=given_code).resolution.coi == given.one.coi

    @pytest.mark.parametrize(
        ("code_type", "given_code", "error"),
        [
            (CodeType.DIN, f"={DIN}60", "bad_check"),
            (CodeType.DIN, "HELLO", "wrong_code_type"),
            (CodeType.DIN, f"&/{COI_040}", "wrong_code_type"),
            (CodeType.LOT, "=<S1234100", "names_nothing"),
            (CodeType.CONTAINER, f"]d201{GTIN}17261231", "names_nothing"),
            (CodeType.HOSPITAL_UNIT, "=#0119800101", "names_a_person"),
            (CodeType.HOSPITAL_UNIT, "]C18018123456789012345675", "names_a_person"),
            (CodeType.ORDER, "y" * 121, "bad_adopted"),
        ],
    )
    def test_what_names_no_container(
        self, world: Worlds, code_type: CodeType, given_code: str, error: str
    ) -> None:
        """A kind of product, a patient, a damaged or an endless code is adopted for nothing."""
        given = world("enrolled")
        adopted = AdoptedCodeGiven(code=given_code, issuer="MAKER", type=code_type)
        before = given.count()
        with pytest.raises(BadCode) as refused:
            given.ask(AdoptCode, "NURSE-A1", coi=scan(given.one.coi), adopted=adopted)
        assert refused.value.code == error and given.count() == before


def test_boxes_of_ours_stay_what_they_are(world: Worlds) -> None:
    """A box or location is no label of a container, whatever the manifest says."""
    given = world("enrolled")
    bag = at_collection(given)
    for ours in (box_id(scan(given.network.boxes["Dry shipper 1"])), given.network.storage["COLL-A"]):
        refused = given.refusal(adoption.BindCodes, "NURSE-A1", **binding(bag, scan(ours).code))
        assert refused.error == "wrong_kind"
    assert storage(given, "COLL-A").code


class TestCommand:
    def test_a_manifest_from_file_to_bundle(
        self, cartrail: Cartrail, demo_site: DemoSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Added, listed, shown; its file leaves with the bundle, and the verifier holds it to its digest."""
        shared = ("--database", demo_site.path)
        secrets = ("--credentials", demo_site.credentials)
        nurse = (*shared, "--as", "NURSE-A1", "--station", "COLL-A-01", *secrets)
        file, coi = tmp_path / "maker.csv", demo_site.coi("released")
        file.write_text(MANIFEST)
        command = ("patient", "manifest")
        cartrail(*command, "add", coi, file, *nurse)
        assert "MAN-0042" in cartrail(*command, "list", coi, *shared).out
        shown = cartrail(*command, "show", coi, "MAN-0042", "--json", *shared).records[0]
        assert {line["state"] for line in shown["codes"]} == {"not scanned"} and len(shown["codes"]) == 8
        said = cartrail("scan", PRODUCTS[0], "--lookup", *shared)
        assert "announced code" in said.out and coi in said.out
        bundle, keys = tmp_path / "bundle.zip", tmp_path / "keys"
        shutil.copytree(demo_site.demo.config, keys)
        monkeypatch.setenv("CARTRAIL_CONFIG", str(keys))
        auditor = (*shared, "--as", "AUDIT-1", *secrets)
        cartrail("export", coi, "--out", bundle, "--station", "MFG-1-01", *auditor)
        name = f"attachments/{plain_digest(MANIFEST.encode())}"
        with zipfile.ZipFile(bundle) as opened:
            assert opened.read(name) == MANIFEST.encode()
        cartrail("verify", bundle)
        assert verify.main([str(bundle)]) == 0

    @pytest.mark.parametrize("name", ["maker.pdf", "missing.csv"])
    def test_a_file_that_is_none(
        self, name: str, cartrail: Cartrail, demo_site: DemoSite, tmp_path: Path
    ) -> None:
        """By its name or because it is not there: said, and nothing is written."""
        as_nurse = ("--as", "NURSE-A1", "--station", "COLL-A-01", "--credentials", demo_site.credentials)
        coi = demo_site.coi("released")
        before = demo_site.count()
        given = ("patient", "manifest", "add", coi, tmp_path / name, "--database", demo_site.path)
        cartrail(*given, *as_nurse, exit_code=2)
        assert demo_site.count() == before


@pytest.mark.parametrize("sent", [PRODUCTS[0], f"https://id.gs1.org/01/{GTIN}/10/{LOT}/21/0001"])
def test_an_adopted_gs1_value_is_a_digital_link_again(sent: str) -> None:
    """In an export the value by which a product is known leads where its own code leads."""
    value = identities(read(sent))[0].value
    assert gs1_parts(value) == {"01": GTIN, "10": LOT, "21": "0001"}
    assert digital_link(value) == f"https://id.gs1.org/01/{GTIN}/21/0001"
    assert digital_link("(00)006141411234567890") == "https://id.gs1.org/00/006141411234567890"
    assert digital_link(LOT) is None and digital_link(f"(01){GTIN}(10){LOT}") is None
