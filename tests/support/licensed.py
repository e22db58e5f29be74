"""A licensed product: its containers keep their makers' labels, and nothing of ours is on them."""

import base64
import re
from typing import Any

from schema.events.adoption import ManifestForm
from schema.vocabulary import CodeType, Material
from tests.support.journeys import World
from tracker.demo import cast
from tracker.demo.journey import scan
from tracker.protocols.library import ProtocolFile, parse_protocol, shipped
from tracker.registry.network.requests import AdoptProtocol
from tracker.requests.base import AdoptedCodeGiven, Scan
from tracker.therapy.adoption import requests as adoption
from tracker.therapy.identity import requests as identity

PROTOCOL = "licensed-product"
ORDER = "ORD-55511"
MAKERS_COI = "MK-2026-000917"
DIN, COI_040 = "A999926000777", "CHA999926A1B2C3"
GTIN = "09506000134352"
LOT = "LOT77"
BAG = {"din": f"={DIN}00", "coi": f"&/{COI_040}"}
PRODUCTS = tuple(f"]d201{GTIN}10{LOT}\x1d21000{number}" for number in (1, 2))
"""What a scanner sends of the two product bags: GTIN, lot and serial number."""

MANIFEST = f"""issuer,number,item,material,type,code_issuer,value
MAKER,MAN-0042,,,manufacturer_coi,,{MAKERS_COI}
MAKER,MAN-0042,,,order,HOSP-A,{ORDER}
MAKER,MAN-0042,1,leukapheresis,din,COLL-A,A9999 26 000777
MAKER,MAN-0042,1,leukapheresis,isbt_coi,COLL-A,{COI_040}
MAKER,MAN-0042,2,product,container,,(01){GTIN}(10){LOT}(21)0001
MAKER,MAN-0042,2,product,hospital_unit,HOSP-A,BAG-0001
MAKER,MAN-0042,3,product,container,,(01){GTIN}(10){LOT}(21)0002
MAKER,MAN-0042,3,product,hospital_unit,HOSP-A,BAG-0002
"""


def licensed_protocol() -> ProtocolFile:
    """The shipped protocol without labels and cassettes of ours."""
    text = shipped("autologous-cryopreserved").content.decode()
    text = text.replace('id = "autologous-cryopreserved"', f'id = "{PROTOCOL}"')
    text = text.replace("cassette = true\n", "").replace("label_applied|code_adopted|", "code_adopted|")
    text = re.sub(
        r'(\[\[containers\]\]\nmaterial = "(?:leukapheresis|product)"\n)', r"\1cartrail_label = false\n", text
    )
    text = text.replace('after = ["cassette_bound"]', 'after = ["collected|manufactured"]')
    text = text.replace('compare = ["cassette"]\n', "").replace('scan = "cassette"\n', "")
    head, *steps = re.split(r"(?m)^(?=\[\[steps\]\])", text)
    kept = [step for step in steps if _kind(step) not in ("cassette_bound", "label_superseded")]
    return parse_protocol((head + "".join(map(_of_samples, kept))).encode())


def _kind(step: str) -> str:
    found = re.search(r'kind = "(\w+)"', step)
    assert found is not None
    return found[1]


def _of_samples(step: str) -> str:
    """A label of ours is applied to samples only, and the bag is frozen at the chair or at the maker."""
    if _kind(step) == "label_applied":
        return step.replace('"product", ', "") if '"product"' in step else ""
    if _kind(step) == "cryopreserved":
        fact = "collected" if '"leukapheresis"' in step else "manufactured"
        return step.replace("collected|manufactured", fact)
    return step


def adopt(given: World, file: ProtocolFile) -> None:
    """Let therapies run by a protocol."""
    request = given.request(
        AdoptProtocol,
        "QA-1",
        others="QA-2 approved",
        protocol=file.protocol.id,
        version=file.protocol.version,
        sha256=file.sha256,
        title=file.protocol.title,
    )
    assert isinstance(request, AdoptProtocol)
    answer = given.tracker.adopt_protocol(
        file=file, request=request, signers=[*given.network.signers.values()]
    )
    assert answer.ok, answer.problem


def content_of(text: str) -> str:
    """A file as a request carries it."""
    return base64.b64encode(text.encode()).decode()


def received(given: World, coi: Scan, text: str = MANIFEST, form: ManifestForm = ManifestForm.CSV) -> None:
    """The manifest is here; nothing is bound by it."""
    given.do(adoption.ReceiveManifest, "NURSE-A1", coi=coi, form=form, content=content_of(text))


def enrolled(given: World) -> str:
    """A therapy that is known by its maker's order from the first moment on; gives its id."""
    adopt(given, licensed_protocol())
    order = AdoptedCodeGiven(code=ORDER, issuer="HOSP-A", type=CodeType.ORDER)
    given.one.number = 9
    given.do(
        identity.Enroll,
        "DOC-A1",
        protocol=PROTOCOL,
        collection_site="COLL-A",
        manufacturing_site=cast.HUB,
        treatment_site="TREAT-A",
        patient=given.one.wristband(carrier="order"),
        adopted_codes=(order,),
    )
    given.one.coi = given.tracker.read.lookup(code=ORDER).resolution.coi or ""
    return given.one.coi


def registered(given: World, actor: str, material: Material) -> str:
    """A container with an identity and no label of ours, the next product bag of two; gives its id."""
    before = [unit for unit in given.state().units.values() if unit.material is material]
    counted = {"number": len(before) + 1, "of": 2} if material is Material.PRODUCT else {}
    given.do(identity.RegisterUnit, actor, coi=Scan(code=ORDER), material=material, **counted)
    return [*given.state().units][-1]


def bound(given: World, actor: str, unit: str | None, *codes: str, **values: Any) -> None:
    """The labels on a container, scanned against the manifest."""
    given.do(adoption.BindCodes, actor, **binding(unit, *codes), **values)


def binding(unit: str | None, *codes: str) -> dict[str, Any]:
    """What a request to bind carries."""
    given = {"coi": Scan(code=ORDER), "codes": tuple(Scan(code=code) for code in codes)}
    return given if unit is None else {**given, "unit": unit}


def at_collection(given: World) -> str:
    """A registered collection bag whose own labels were scanned at the chair."""
    enrolled(given)
    received(given, Scan(code=ORDER))
    bound(given, "NURSE-A1", None, MAKERS_COI, ORDER)
    given.do(
        identity.IdentifyPatient,
        "NURSE-A1",
        others="NURSE-A2 witnessed",
        coi=Scan(code=MAKERS_COI),
        patient=given.one.wristband(),
    )
    unit = registered(given, "NURSE-A1", Material.LEUKAPHERESIS)
    bound(given, "NURSE-A1", unit, *BAG.values())
    return unit


def storage(given: World, site: str) -> Scan:
    """The tank of a site."""
    return scan(given.network.storage[site])
