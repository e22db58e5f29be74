"""The form engine: every request has its form, every field its prompt, and answers become the request."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.events.registry import WristbandRule
from schema.measured import TEMPERATURE
from schema.vocabulary import Material, ReadMode, SiteType
from schema.zones import zone_info
from tests.support.rule_cases import Case
from tracker.catalog import parse_request, requests, requests_by_kind
from tracker.kinds import STEP_KINDS
from tracker.protocols.library import shipped
from tracker.protocols.model import Shipping
from tracker.requests.base import Request
from tracker.rules.registry_state import RegistryState, Site, Station, ZoneSince
from tracker.rules.situation import Found, Resolution
from tracker.rules.therapy_state import UnitState
from tui.forms.catalog import FORMS, LATE, OUTSIDE, PAPER, form_for, needed_by
from tui.forms.fields import FIELDS
from tui.forms.following import follow_up
from tui.forms.form import Form
from tui.forms.prompts import FieldAnswer, FormSetting, Prompt, PromptKind, Section, WrongAnswer
from tui.forms.reading import read_prompt, rule_of
from tui.framing import RawScan
from tui.screens.form.filling import typed_value
from tui.words import SPOKEN

RULES = (
    WristbandRule(issuer="HOSPITAL-A", type="hospital_number", prefix="H", length=6),
    WristbandRule(issuer="PROGRAM", type="program_number", prefix="P-", length=6),
)
SITE = Site("COLL-A", "Center", SiteType.COLLECTION_CENTER, "", "", (ZoneSince("Europe/Berlin"),), RULES)
ZONE = zone_info("Europe/Berlin")
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PROTOCOL = shipped("autologous-cryopreserved").protocol
LEFT_TO_THE_PROGRAM = {
    "coi",
    "unit",
    "shipment",
    "handoff",
    "custodian",
    "parents",
    "hold_until",
    "type",
    "sample",
    "begun_with",
    "step",
}
WHAT_IS_WRONG = "asked when somebody says that something is not in order"
AS_ACCEPT = "answered in the form of `accept`, which an answer PARTLY turns into this request"
NOT_IN_ITS_FORM = {
    "accept.display_celsius": WHAT_IS_WRONG,
    "accept.faults": WHAT_IS_WRONG,
    "accept_partly.box": AS_ACCEPT,
    "accept_partly.display_celsius": WHAT_IS_WRONG,
    "accept_partly.faults": WHAT_IS_WRONG,
    "accept_partly.ink": AS_ACCEPT,
    "accept_partly.new_seal": "asked when somebody says PARTLY of a closed box",
    "accept_partly.seal": AS_ACCEPT,
    "assess_deviation.laboratory": "asked when the decision is out of specification",
    "assess_deviation.retests": "asked when the decision is out of specification",
    "correct.event": "chosen in the trail",
    "divert.receiver": "asked when the destination is chosen, from its departments",
    "enroll.adopted_codes": "a step of its own at the terminal",
    "register_unit.color": "asked when the product comes in several sizes",
    "register_unit.part": "asked when the dose is split",
    "register_unit.component": "asked when what is filled has several components",
    "match_at_bedside.confirmed": "asked as the protocol lists them: `tui.forms.bedside`",
    "match_before_thaw.confirmed": "asked as the protocol lists them: `tui.forms.bedside`",
    "fail_manufacturing.attempt": "of other programs; the terminal ends the one that is going on",
    "grade_toxicity.findings": "asked as the chosen scale has them: `tui.forms.grading`",
    "inspect.seal": "of other programs; the terminal asks whether the seal is intact",
    "let_lapse.seal": "of other programs; the terminal scans the box that is still in hand",
    **dict.fromkeys(
        (
            f"perform_step.{name}"
            for name in ("instruments", "lots", "moves", "measured", "started_at", "ended_at")
        ),
        "asked as the protocol's step says: `tui.forms.process`",
    ),
    "pack.from_box": "the box of a courier that was scanned, out of which all of it is taken",
    "record_outcome.value": "of other programs; at the terminal the result is a word",
    "record_test.unit_of_measure": "of instruments; the terminal shows the unit of the test",
    "review_results.attempt": "follows from the results that are chosen",
    "refuse.condition": "follows from the reason",
    "refuse.display_celsius": WHAT_IS_WRONG,
    "refuse.faults": WHAT_IS_WRONG,
    "refuse.seal": WHAT_IS_WRONG,
    "relinquish.display_celsius": WHAT_IS_WRONG,
    "relinquish.faults": WHAT_IS_WRONG,
    "store.positions": "asked when the place that is scanned has positions",
}
"""Fields of steps that no form of their request lists, with the place that asks for them."""

COMMON = set(Request.model_fields)


def a_setting(kind: str = "stored") -> FormSetting:
    """A station at a collection center."""
    registry = RegistryState(sites={"COLL-A": SITE})
    station = Station("COLL-A-01", "COLL-A", "Desk", pasted_accepted=True)
    return FormSetting(registry, station, ZONE, NOW, PROTOCOL, PROTOCOL.step(kind, None))


def scan(text: str, mode: ReadMode = ReadMode.SCANNED) -> RawScan:
    """A read."""
    return RawScan(text, mode, 0.0, len(text))


def answer(form: Form, text: str, found: Found | None = None) -> FieldAnswer | WrongAnswer:
    """Give an answer to what is asked now; a right one is taken."""
    prompt = form.current
    assert prompt is not None
    resolution = None if found is None else Resolution(text, found, object_id=text, unit=text)
    given = read_prompt(prompt, scan(text), resolution, a_setting())
    if isinstance(given, FieldAnswer):
        assert form.take(given)
    return given


@pytest.mark.parametrize("kind", sorted(STEP_KINDS))
def test_every_step_has_a_form_that_asks_what_its_request_needs(kind: str) -> None:
    """Every required field of every request is asked for, and every field asked for exists."""
    name = requests_by_kind()[kind].name
    fields = requests()[name].model_fields
    variants = [key for key in FORMS if key.split("/")[0] == name] or [name]
    for variant in variants:
        names = [part.rstrip("?") for part in FORMS.get(variant, needed_by(name)).split()]
        asked = {re.split(r"[./]", part)[0] for part in names}
        assert {*names} <= {*FIELDS} | {*SPOKEN}, "a number that is asked for needs its word in tui/words.py"
        needed = {field for field, info in fields.items() if info.is_required()} - COMMON
        assert needed - {"event", "field", "new"} <= asked | LEFT_TO_THE_PROGRAM - {"coi"}
        assert asked <= set(fields)
        assert "reason" in asked or not requests()[name].needs_reason
        assert form_for(name, a_setting(kind), variant=variant.partition("/")[2]).sections


def test_every_field_of_a_step_is_asked_somewhere() -> None:
    """Also one that may be left out: in a form of its request, or it is said where else it comes from."""
    unasked = set()
    for request_class in requests_by_kind().values():
        name = request_class.name
        variants = [key for key in FORMS if key.split("/")[0] == name]
        listed = " ".join(FORMS[key] for key in variants) or needed_by(name)
        asked = {part.rstrip("?").split(".")[0] for part in listed.split()}
        left = {*request_class.model_fields} - COMMON - LEFT_TO_THE_PROGRAM - asked
        unasked |= {f"{name}.{field}" for field in left}
    assert unasked == {*NOT_IN_ITS_FORM}, "a form in tui/forms/catalog.py asks for it, or NOT_IN_ITS_FORM"


def test_making_a_step_asks_what_its_protocol_says() -> None:
    """Instruments, lots, moves and values in this order, and the answers become lists of the request."""
    setting = replace(a_setting("selection"), step=PROTOCOL.step("selection", Material.IN_PROCESS))
    form = form_for("perform_step", setting)
    asked = [(section.prompts[0].ask, section.prompts[0].expected) for section in form.sections[1:5]]
    assert asked == [
        ("Scan the cell processor", "Cell processor"),
        ("Scan each lot", "Selection reagent, Sterile processing set"),
        ("Scan what it came out of", "its label"),
        ("Viable cells in the vessel", "0 to 200000 million cells"),
    ]
    scanned = FieldAnswer({"code": "X"}, "X", "X")
    other = FieldAnswer({"code": "Y"}, "Y", "Y")
    for one in (scanned, None, scanned, scanned, other, None):
        assert form.finish() if one is None else form.take(one)
    for value in ("A", "B", "12.5", True):
        form.take(FieldAnswer(value, str(value), str(value)))
    assert form.finish()
    form.take(FieldAnswer("870", "870"))
    data = form.fold()
    assert data["step"] == "selection" and data["instruments"] == [{"code": "X"}]
    assert data["lots"] == [{"lot": {"code": "X"}}, {"lot": {"code": "Y"}}]
    assert data["moves"] == [{"source": "A", "target": "B", "volume_ml": "12.5", "empties": True}]
    assert data["measured"] == [{"measure": "viable_cells", "value": "870"}]


def test_making_a1_a_nurse_is_asked_what_the_chosen_scale_rests_on() -> None:
    """The scale first, then its numbers, then one list of what else is there; the grade may be left out."""
    setting = a_setting("toxicity_graded")
    form = form_for("grade_toxicity", setting)
    form.take(FieldAnswer({"code": "C"}, "C"))
    prompt = form.current
    assert (
        prompt is not None
        and prompt.ask == "By which scale"
        and prompt.choices[0].label == "CRS by ASTCT 2019"
    )
    chosen = FieldAnswer(prompt.choices[0].value, "CRS by ASTCT 2019")
    form = follow_up(form, prompt, chosen, setting)
    form.take(chosen)
    asked = [(row.prompt.ask, row.prompt.expected) for row in form.rows()][2:5]
    assert asked == [
        ("Temperature", "30 to 45 C"),
        ("Vasopressors, without vasopressin beside another", "0 to 9"),
        ("Oxygen by nasal cannula", "0 to 80 L/min"),
    ]
    form.take(FieldAnswer("39.1", "39.1"))
    assert form.finish() and form.finish()
    form.take(FieldAnswer("hypotension", "Low blood pressure"))
    for _ in range(4):
        assert form.finish()
    assert form.fold() == {
        "coi": {"code": "C"},
        "by": {"syndrome": "crs", "scale": "astct", "scale_version": "2019"},
        "findings": [{"finding": "temperature_celsius", "value": "39.1"}, {"finding": "hypotension"}],
    }


@pytest.mark.parametrize("before", [LATE, PAPER, OUTSIDE])
def test_late_paper_and_outside_entries_are_asked_first(before: str) -> None:
    """What makes an entry unusual comes before what it is about."""
    form = form_for("store", a_setting(), before=before)
    assert form.current is not None
    assert form.current.field in ("occurred_at", "entry.form", "")
    assert form.sections[-1].prompts[0].field == "location"


def test_answers_become_the_request() -> None:
    """Scans keep their mode and carrier; a list ends with DONE; the request is one that the tracker takes."""
    form = form_for("store", a_setting())
    for unit in ("UD234567892", "UD234567893"):
        assert isinstance(answer(form, unit, Found.UNIT), FieldAnswer)
    assert form.finish()
    answer(form, "LD234567892", Found.LOCATION)
    assert form.current is None
    folded = form.fold()
    assert folded["units"] == [
        {"code": "UD234567892", "mode": "scanned", "carrier": "label"},
        {"code": "UD234567893", "mode": "scanned", "carrier": "label"},
    ]
    head = {"event_id": "01890a5d-ac96-774b-bcce-b302099a8057", "actor": "TECH-A1", "station": "COLL-A-01"}
    assert parse_request({"request": "store", **head, **folded}).name == "store"


def test_a_group_is_asked_round_after_round() -> None:
    """Unit and decision belong together; DONE ends only between two rounds."""
    form = form_for("inspect", a_setting("inspected"), fixed={"box": {"code": "B"}, "seal_intact": True})
    answer(form, "UD234567892", Found.UNIT)
    assert not form.finish()
    answer(form, "2")
    assert not form.finish(), "what is not accepted is said to be wrong in some way"
    answer(form, "2")
    answer(form, "UD234567893", Found.UNIT)
    answer(form, "1")
    assert form.finish(), "what is accepted has nothing wrong with it, and is asked nothing more"
    results = form.fold()["results"]
    assert isinstance(results, list)
    assert [(one["result"], one.get("faults")) for one in results] == [
        ("quarantine", ["damage"]),
        ("accept", None),
    ]


def test_the_same_unit_counts_once_and_an_answer_can_be_taken_back() -> None:
    """A second scan of one unit is no second unit; undo goes back answer by answer."""
    form = form_for("store", a_setting())
    answer(form, "UD234567892", Found.UNIT)
    prompt = form.current
    assert prompt is not None
    again = read_prompt(
        prompt, scan("UD234567892"), Resolution("UD234567892", Found.UNIT, unit="UD234567892"), a_setting()
    )
    assert isinstance(again, FieldAnswer) and not form.take(again)
    assert form.undo() and form.is_empty and not form.undo()


@pytest.mark.parametrize(("request_name", "judged"), [("store", True), ("retrieve", False)])
def test_findings_a8_out_of_a_wrong_place_everything_is_taken(request_name: str, *, judged: bool) -> None:
    """The rule refuses the way in alone; the screen refuses no more than the rule."""
    form = form_for(request_name, a_setting())
    answer(form, "UD234567892", Found.UNIT)
    prompt = next(one.prompts[0] for one in form.sections if one.prompts[0].field == "location")
    typed = typed_value(form, prompt, FieldAnswer({"code": "L"}, "Freezer 3", "LD234567892"), None)
    assert (typed is not None) is judged
    assert typed is None or (typed.value, typed.codes) == ("LD234567892", ("UD234567892",))


def test_wristband_numbers_are_told_apart_by_prefix_and_length() -> None:
    """Each value has one rule; one that fits none or two is not taken, and leading zeros belong to it."""
    assert rule_of(RULES, "H00123") == RULES[0]
    assert rule_of(RULES, "P-0001") == RULES[1]
    assert rule_of(RULES, "H0123") is None
    assert rule_of((*RULES, RULES[0]), "H00123") is None
    form = form_for("identify_patient", a_setting("patient_identified"))
    wrong = answer(form, "12345")
    assert isinstance(wrong, WrongAnswer) and not wrong.grave
    for value in ("H00123", "P-0001"):
        answer(form, value)
    patient = form.fold()["patient"]
    assert isinstance(patient, list)
    assert [(one["issuer"], one["type"], one["value"], one["carrier"]) for one in patient] == [
        ("HOSPITAL-A", "hospital_number", "H00123", "wristband"),
        ("PROGRAM", "program_number", "P-0001", "wristband"),
    ]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (PromptKind.DECIMAL, "-184.2", "1,5"),
        (PromptKind.COUNT, "3", "0"),
        (PromptKind.NAME, "bank-1", "x"),
        (PromptKind.TIME, "2026-03-02 12:30", "noon"),
        (PromptKind.WORD, "HAPPENED", "happened"),
        (PromptKind.TEXT, "any [/] words", "x" * 501),
    ],
)
def test_typed_answers_are_read_strictly(kind: PromptKind, good: str, bad: str) -> None:
    """Nothing is corrected; a slip of the hand is no STOP, a code in its place is one."""
    prompt = Prompt(
        "field",
        "Type it",
        kind,
        "HAPPENED" if kind is PromptKind.WORD else "",
        measure=TEMPERATURE,
    )
    assert isinstance(read_prompt(prompt, scan(good), None, a_setting()), FieldAnswer)
    slip = read_prompt(prompt, scan(bad), None, a_setting())
    assert isinstance(slip, WrongAnswer) and not slip.grave
    code = read_prompt(prompt, scan("CTUD23456789226V"), None, a_setting())
    assert isinstance(code, WrongAnswer) and not code.grave, "a code at a number is an order of scanning"


def test_a_time_is_of_this_site_and_has_come() -> None:
    """The offset is the site's; tonight's hour this noon is asked with its date."""
    prompt = Prompt("occurred_at", "When", PromptKind.TIME)
    given = read_prompt(prompt, scan("12:30"), None, a_setting())
    assert isinstance(given, FieldAnswer) and given.value == "2026-03-02T12:30:00+01:00"
    assert isinstance(read_prompt(prompt, scan("22:30"), None, a_setting()), WrongAnswer)


@pytest.mark.parametrize(
    ("text", "said", "advice"),
    [
        (
            "2026-03-29 02:30",
            "skipped 2026-03-29 02:30",
            "2026-03-29 03:30 +02:00 or as 2026-03-29 01:30 +01:00",
        ),
        (
            "2025-10-26 02:30",
            "showed 2025-10-26 02:30 twice",
            "2025-10-26 02:30 +02:00 or as 2025-10-26 02:30 +01:00",
        ),
        ("2026-03-02 12:30 -05:00", "is 18:30 here", "2026-03-02 18:30 +01:00"),
        ("2026-03-02 12:30 EST", "is no time zone", "America/New_York"),
        ("0001-01-01 12:00", "before 1972 or after 2199", "year"),
        ("25:00", "does not exist", ""),
    ],
)
def test_logistics_l1_a_time_that_is_not_clear_is_asked_with_both_readings(
    text: str, said: str, advice: str
) -> None:
    """At the field where it was typed; either reading is then taken as it is written there."""
    setting = replace(a_setting(), now=datetime(2026, 3, 30, 12, tzinfo=UTC))
    asked = read_prompt(Prompt("hold_until", "When", PromptKind.TIME), scan(text), None, setting)
    assert isinstance(asked, WrongAnswer) and not asked.grave
    assert said in asked.line and advice in asked.advice


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2025-10-26 02:30 +02:00", "2025-10-26T02:30:00+02:00"),
        ("2025-10-26 02:30 +01:00", "2025-10-26T02:30:00+01:00"),
        ("2026-03-02 11:30Z", "2026-03-02T12:30:00+01:00"),
        ("2026-03-02 06:30 America/New_York", "2026-03-02T12:30:00+01:00"),
    ],
)
def test_logistics_l1_the_answer_is_an_offset_or_a_zone(text: str, value: str) -> None:
    """What is kept is by the clocks of this site."""
    given = read_prompt(Prompt("hold_until", "When", PromptKind.TIME), scan(text), None, a_setting())
    assert isinstance(given, FieldAnswer) and given.value == value


def test_the_wrong_kind_of_code_and_another_unit_are_said() -> None:
    """What is asked and what was read both stand in the sentence."""
    prompt = Prompt(
        "units", "Scan it", PromptKind.CODE, "UD234567892", (Found.UNIT,), object_id="UD234567892"
    )
    badge = read_prompt(prompt, scan("x"), Resolution("x", Found.BADGE), a_setting())
    other = read_prompt(prompt, scan("y"), Resolution("y", Found.UNIT, unit="UD234567893"), a_setting())
    assert isinstance(badge, WrongAnswer) and "badge" in badge.line and "unit" in badge.line
    assert isinstance(other, WrongAnswer) and "UD234567892" in other.line


@pytest.mark.parametrize("typed", ["horse staple pen one", "375149"])
@pytest.mark.parametrize("kind", [one for one in PromptKind if one is not PromptKind.TEXT])
def test_findings_a15_what_may_be_a_secret_is_not_said_back(kind: PromptKind, typed: str) -> None:
    """A password or a PIN typed at any question that does not take it stands in no answer to it."""
    prompt = Prompt("field", "Ask", kind, expected="WORD", rules=RULES, measure=TEMPERATURE)
    answer = read_prompt(prompt, RawScan(typed, ReadMode.MANUAL, 0.0, len(typed)), None, a_setting())
    assert isinstance(answer, FieldAnswer) or typed not in f"{answer.line} {answer.advice}"


@pytest.mark.parametrize("kind", [PromptKind.TEXT, PromptKind.NAME, PromptKind.REFERENCE])
def test_findings_a15_a_pin_alone_is_no_remark(kind: PromptKind) -> None:
    """Six digits alone are turned down and not said back; with a word before them, or as a result, taken."""
    typed = RawScan("030451", ReadMode.MANUAL, 0.0, 6)
    answer = read_prompt(Prompt("remark", "Remark", kind), typed, None, a_setting())
    assert isinstance(answer, WrongAnswer) and "030451" not in f"{answer.line} {answer.advice}"
    assert answer.line == "6 digits alone are not taken here."
    longer = read_prompt(Prompt("remark", "Remark", kind), scan("CAPA-030451"), None, a_setting())
    assert isinstance(longer, FieldAnswer)
    result = Prompt("result", "Result", PromptKind.TEXT)
    assert isinstance(read_prompt(result, typed, None, a_setting()), FieldAnswer)


@given(st.text(max_size=80), st.sampled_from(list(PromptKind)))
def test_no_text_breaks_a_prompt(text: str, kind: PromptKind) -> None:
    """Whatever is scanned, the answer is an answer."""
    prompt = Prompt("field", "Ask", kind, rules=RULES, measure=TEMPERATURE)
    assert isinstance(read_prompt(prompt, scan(text), None, a_setting()), (FieldAnswer, WrongAnswer))


@given(st.lists(st.sampled_from(["give", "done", "undo"]), max_size=30))
def test_a_form_never_loses_its_place(moves: list[str]) -> None:
    """Any order of answering, ending and taking back leaves a form that can be shown and folded."""
    one = Prompt("a", "A", PromptKind.TEXT)
    form = Form(
        "store",
        (
            Section((one,)),
            Section(
                (Prompt("b", "B", PromptKind.TEXT), Prompt("c", "C", PromptKind.TEXT)), many=True, field="d"
            ),
            Section((Prompt("e", "E", PromptKind.TEXT, optional=True),), optional=True),
        ),
    )
    for number, move in enumerate(moves):
        if move == "give" and form.current is not None:
            form.take(FieldAnswer(str(number), str(number)))
        elif move == "done":
            form.finish()
        elif move == "undo":
            form.undo()
        rows = list(form.rows())
        assert sum(row.is_current for row in rows) == (form.current is not None)
        form.fold()


def test_an_assessment_asks_for_the_laboratory_only_out_of_specification() -> None:
    """Every other decision is left without two questions that nobody could answer."""
    asked: dict[str, list[str]] = {}
    for number in ("1", "4"):
        form = form_for("assess_deviation", a_setting(), fixed={"coi": "C", "deviation": "D"})
        for typed in ("1", "1"):
            answer(form, typed)
        prompt = form.current
        assert prompt is not None and prompt.field == "decision"
        given = read_prompt(prompt, scan(number), None, a_setting())
        assert isinstance(given, FieldAnswer)
        form = follow_up(form, prompt, given, a_setting())
        assert form.take(given)
        asked[str(given.value)] = [section.prompts[0].field for section in form.sections[form.at :]]
    assert asked == {
        "no_impact": ["units", "capa", "remark"],
        "oos": ["laboratory", "retests", "units", "capa", "remark"],
    }


@pytest.mark.parametrize(
    ("unit", "is_required", "words"),
    [
        (UnitState("UD234567892", Material.LEUKAPHERESIS), True, "(the protocol asks)"),
        (UnitState("UD234567892", Material.LEUKAPHERESIS), False, ""),
        (None, True, "(if the protocol asks)"),
    ],
)
def test_a_logger_that_the_protocol_asks_for(
    *, unit: UnitState | None, is_required: bool, words: str
) -> None:
    """Nobody is told that a logger may be left out where leaving it out is refused."""
    asked = (Shipping(logger_required=is_required, source="a procedure"),)
    protocol = PROTOCOL.model_copy(update={"shipping": asked})
    form = form_for("pack", replace(a_setting("packed"), protocol=protocol, unit=unit))
    prompts = [prompt for section in form.sections for prompt in section.prompts]
    (logger,) = [prompt for prompt in prompts if prompt.field == "data_logger"]
    assert (logger.when, logger.optional) == (words, True)


@pytest.mark.parametrize("name", ["match_before_thaw", "match_at_bedside"])
def test_what_was_released_on_paper_has_no_certificate(case: Callable[[str], Case], name: str) -> None:
    """Asked of a release that stands here alone: a therapy that was taken over would wait for it for ever."""
    state = case("released").state
    kind = {"match_before_thaw": "pre_thaw_matched", "match_at_bedside": "bedside_matched"}[name]
    for therapy, asked in ((state, True), (msgspec.structs.replace(state, releases=()), False)):
        form = form_for(name, replace(a_setting(kind), therapy=therapy))
        fields = {prompt.field for section in form.sections for prompt in section.prompts}
        assert ("certificate" in fields) is asked


def test_a_treatment_center_that_collects_is_offered_as_the_command_takes_it() -> None:
    """A network without a collection center enrolls too; sites made for a part come first, carriers never."""
    kinds = {
        "CLINIC": SiteType.TREATMENT_CENTER,
        "PLANT": SiteType.MANUFACTURER,
        "CARRIER": SiteType.CARRIER,
    }
    known = {
        code: Site(code, code.title(), kind, "", "", (ZoneSince("Europe/Berlin"),), RULES)
        for code, kind in kinds.items()
    }
    given_network = replace(a_setting("enrolled"), registry=RegistryState(sites=known))
    form = form_for("enroll", given_network)
    asked = {one.field: one for section in form.sections for one in section.prompts}
    assert [one.label for one in asked["collection_site"].choices] == [
        "Clinic (CLINIC) - treatment center",
        "Plant (PLANT) - manufacturer",
    ]
    assert [one.value for one in asked["manufacturing_site"].choices] == ["PLANT", "CLINIC"]
    assert [one.label for one in asked["treatment_site"].choices] == [
        "Clinic (CLINIC)",
        "Plant (PLANT) - manufacturer",
    ]
    assert read_prompt(asked["collection_site"], scan("1"), None, given_network) == FieldAnswer(
        "CLINIC", "Clinic (CLINIC) - treatment center"
    )


def test_an_empty_list_says_that_it_is_empty() -> None:
    """Never `a number from 1 to 0`."""
    wrong = read_prompt(Prompt("carrier", "Carrier", PromptKind.CHOICE), scan("1"), None, a_setting())
    assert isinstance(wrong, WrongAnswer)
    assert wrong.line == "There is nothing to choose from: this list is empty."
