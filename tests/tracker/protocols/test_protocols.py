"""Protocol files: the shipped one may be adopted, and every way to make it unsafe or endless is refused."""

from __future__ import annotations

import json
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from schema.errors import InputError
from schema.vocabulary import Material, Scope
from tests.support.journeys import PROTOCOL
from tests.support.schema_bounds import bounds
from tracker.kinds import STEP_KINDS
from tracker.protocols.graph import findings
from tracker.protocols.library import PROTOCOL_BYTES_MAX, parse_protocol, shipped, shipped_names
from tracker.protocols.model import Container, Limit, Protocol, ScanOn
from tracker.protocols.spans import format_duration, parse_duration
from tracker.protocols.unjudged import unjudged, unverified

FRESH = shipped("autologous-fresh").protocol
TEXT = shipped("autologous-cryopreserved").content.decode()


def with_step(kind: str, material: Material | None = None, **changes: Any) -> Protocol:
    """The shipped protocol with one step changed; None leaves the step out."""
    steps = []
    for step in PROTOCOL.steps:
        if step.kind == kind and (material is None or material in step.materials):
            if changes:
                steps.append(step.model_copy(update=changes))
        else:
            steps.append(step)
    return PROTOCOL.model_copy(update={"steps": tuple(steps)})


def step_of(kind: str, material: Material | None = None) -> Any:
    """A step of the shipped protocol."""
    found = PROTOCOL.step(kind, material)
    assert found is not None
    return found


def test_the_shipped_protocols_may_be_adopted() -> None:
    """Each of them, by the checks that any file of a program passes."""
    assert shipped_names()
    for name in shipped_names():
        file = shipped(name)
        assert findings(file.protocol) == () and file.protocol.id == name and len(file.sha256) == 64


@pytest.mark.parametrize(
    ("kind", "fact"),
    [
        ("thaw_started", "pre_thaw_matched"),
        ("infusion_started", "bedside_matched"),
        ("infusion_started", "thaw_ended"),
    ],
)
def test_no_thaw_or_infusion_without_the_match(kind: str, fact: str) -> None:
    """Neither left out nor made one of several ways."""
    step = step_of(kind)
    without = tuple(rule for rule in step.after if rule != fact)
    for after in (without, (*without, f"{fact}|stored")):
        assert f"step {kind} must come after {fact}." in findings(with_step(kind, after=after))


def test_no_thaw_without_release() -> None:
    """Release is needed to thaw, whoever writes the protocol."""
    assert "step thaw_started must need release." in findings(with_step("thaw_started", needs_release=False))


@pytest.mark.parametrize(
    "kind",
    [
        "manufacturing_started",
        "released",
        "released_out_of_specification",
        "thaw_started",
        "infusion_started",
    ],
)
def test_quarantine_blocks(kind: str) -> None:
    """Manufacture, release, thaw and infusion stop at a quarantine."""
    changed = with_step(kind, quarantine_blocks=False)
    assert f"step {kind} must be blocked by quarantine." in findings(changed)


def test_open_cells_are_alone() -> None:
    """Where cells are open there is one therapy at the bench; the shipped protocols say where that is."""
    changed = with_step("manufactured", scope=Scope.MULTI_THERAPY)
    assert "step manufactured has cells open, so it is for one therapy at a time." in findings(changed)
    opened = {step.fact for step in PROTOCOL.steps if step.open_product}
    process = {"activation", "transduction", "pooling", "formulation"}
    assert opened == {"manufacturing_started", "manufactured"} | process


@pytest.mark.parametrize(
    "kind",
    ["patient_identified", "pre_thaw_matched", "bedside_matched", "packed", "released_out_of_specification"],
)
def test_two_people(kind: str) -> None:
    """What needs two people is not left to one."""
    changed = with_step(kind, signatures=step_of(kind).signatures[:1])
    assert f"step {kind} needs two signatures." in findings(changed)


@pytest.mark.parametrize(
    ("kind", "comparison"),
    [
        ("patient_identified", "patient"),
        ("pre_thaw_matched", "patient"),
        ("pre_thaw_matched", "coi"),
        ("bedside_matched", "patient"),
    ],
)
def test_identity_is_compared(kind: str, comparison: str) -> None:
    """Patient and therapy are read where they must agree."""
    left = tuple(one for one in step_of(kind).compare if one.value != comparison)
    assert f"step {kind} must compare the {comparison}." in findings(with_step(kind, compare=left))


@pytest.mark.parametrize(
    "kind", ["enrolled", "patient_identified", "collected", "released", "infusion_completed", "closed"]
)
def test_the_way_is_whole(kind: str) -> None:
    """From enrolment to closing nothing is left out."""
    assert f"there is no step {kind}." in findings(with_step(kind))


def test_nothing_waits_for_what_never_comes() -> None:
    """A fact that no step brings, or only one of another material."""
    unknown = findings(with_step("thaw_started", after=("pre_thaw_matched", "blessed")))
    assert unknown == ("step thaw_started waits for blessed, which no step brings.",)
    other = findings(with_step("thaw_started", after=("pre_thaw_matched", "collection_started")))
    assert other == ("step thaw_started waits for collection_started, which no step brings for product.",)
    either = with_step("thaw_started", after=("pre_thaw_matched", "collection_started|cassette_bound"))
    assert findings(either) == ()
    limit = PROTOCOL.limits[0].model_copy(update={"start": "blessed", "name": "mine"})
    assert findings(PROTOCOL.model_copy(update={"limits": (*PROTOCOL.limits, limit)})) == (
        "limit mine names blessed, which no step brings.",
    )


def test_steps_do_not_wait_in_a_circle() -> None:
    """Neither for themselves nor through others."""
    for kind, after in (("thaw_ended", ("thaw_ended",)), ("cassette_bound", ("collected", "cryopreserved"))):
        (circle,) = findings(
            with_step(kind, Material.PRODUCT if kind == "thaw_ended" else None, after=after)
        )[-1:]
        assert circle.startswith("steps wait for each other in a circle: ") and kind in circle


def limits_of(protocol: Protocol, *changed: Limit, without: str = "") -> Protocol:
    """A protocol with limits added, and one left out."""
    kept = (limit for limit in protocol.limits if limit.name != without)
    return protocol.model_copy(update={"limits": (*kept, *changed)})


@pytest.mark.parametrize(
    ("protocol", "without", "finding"),
    [
        (PROTOCOL, "collection_to_freeze", "there is no limit from collected to cryopreserved."),
        (FRESH, "collection_to_manufacturing", "there is no limit from collected to manufacturing_started."),
        (PROTOCOL, "thaw_to_infusion", "there is no limit from the thaw to the infusion."),
        (FRESH, "thaw_to_infused", "there is no limit from the thaw to the infusion."),
    ],
)
def test_nothing_fresh_or_thawed_waits_without_a_limit(
    protocol: Protocol, without: str, finding: str
) -> None:
    """Fresh cells until they are frozen or used, thawed ones until they flow."""
    assert findings(limits_of(protocol, without=without)) == (finding,)


def test_a_limit_that_ends_after_the_infusion_guards_its_beginning() -> None:
    """Else an infusion could begin when its time is over already."""
    limit = next(limit for limit in FRESH.limits if limit.name == "thaw_to_infused")
    bare = limit.model_copy(update={"guards": ()})
    assert findings(limits_of(FRESH, bare, without=limit.name)) == (
        "limit thaw_to_infused must guard infusion_started.",
    )
    itself = limit.model_copy(update={"guards": ("infusion_started", "thaw_started")})
    assert findings(limits_of(FRESH, itself, without=limit.name)) == (
        "limit thaw_to_infused ends with the step that starts it.",
    )
    astray = limit.model_copy(update={"guards": ("infusion_started", "collected")})
    assert findings(limits_of(FRESH, astray, without=limit.name)) == (
        "limit thaw_to_infused names collected, which no step brings for product.",
    )


def test_cassettes_are_where_bags_have_them() -> None:
    """A bag without one is never asked for it, and one that has it is bound to it."""
    steps = tuple(
        step.model_copy(update={"scan": ScanOn.CASSETTE}) if step.kind == "packed" else step
        for step in FRESH.steps
    )
    scanned = FRESH.model_copy(update={"steps": steps})
    assert "step packed scans the cassette of leukapheresis, which has none." in findings(scanned)
    containers = tuple(one.model_copy(update={"cassette": True}) for one in FRESH.containers)
    assert "the leukapheresis container has a cassette that no step binds." in findings(
        FRESH.model_copy(update={"containers": containers})
    )


def test_the_shipped_protocols_offer_the_same_kinds() -> None:
    """What can be recorded of one therapy can be recorded of the other: nothing is forgotten in a file."""
    assert {step.kind for step in FRESH.steps} == {step.kind for step in PROTOCOL.steps}


def test_words_are_known() -> None:
    """Kinds that somebody can ask for, stages and containers that exist."""
    for kind in ("celebrated", "person_added", "mixup_prevented", "deviation_drafted"):
        extra = step_of("deviation_opened").model_copy(update={"kind": kind, "number": 99})
        changed = PROTOCOL.model_copy(update={"steps": (*PROTOCOL.steps, extra)})
        assert findings(changed) == (f"step {kind}: nobody can ask for such an event.",)
    assert findings(with_step("closed", stage="heaven")) == (
        "step closed: its stage heaven is not among the stages.",
    )
    containers = tuple(one for one in PROTOCOL.containers if one.material is not Material.RETAIN)
    assert "step retained: material retain has no container." in findings(
        PROTOCOL.model_copy(update={"containers": containers})
    )


def shorts(*names: str) -> Protocol:
    """The protocol with these short names for its eleven stages."""
    stages = zip(PROTOCOL.stages, names, strict=True)
    changed = tuple(one.model_copy(update={"short": name}) for one, name in stages)
    return PROTOCOL.model_copy(update={"stages": changed})


def test_the_journey_is_one_line() -> None:
    """Nine stretches at most, and no name twice; neighbors may share one."""
    assert findings(shorts(*"AABCDEFGHII")) == ()
    assert findings(shorts(*"ABCDEFGHIJJ")) == (
        "the stages are 10 stretches of the journey, and 9 fit on a line: give neighbors one short name.",
    )
    assert findings(shorts(*"ABACDEFGHHH")) == ("short name A is given to stages that are not neighbors.",)


def test_nothing_is_defined_twice() -> None:
    """Steps of one material, limits, tests and stages have one meaning."""
    double = PROTOCOL.model_copy(update={"steps": (*PROTOCOL.steps, step_of("thaw_started"))})
    assert findings(double) == ("step thaw_started is defined twice for product.",)
    for name in ("limits", "release_tests", "stages"):
        values = getattr(PROTOCOL, name)
        (found,) = findings(PROTOCOL.model_copy(update={name: (*values, values[0])}))
        assert found.endswith("is defined twice.")


SPANS = (
    ("within", "PT48H"),
    ("stalled_after", "P3D"),
    ("lasts", "PT6H"),
    ("keep", "P10950D"),
    ("answered_within", "PT30M"),
)
NO_SPANS = ("P0D", "PT0M", "P1DT", "P999999999D", "PT99999999999999H")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("form = 1", "form = 2"),
        ('id = "autologous-cryopreserved"', 'id = "Autologous [/]"'),
        ("version = 1", "version = 0"),
        ("version = 1", 'version = "1_0"'),
        ("version = 1", "version = 1.0"),
        ("patient_identifiers_compared = 2", "patient_identifiers_compared = 1"),
        ('within = "PT30M"', 'within = "half an hour"'),
        ('within = "PT30M"', 'within = "P"'),
        ('roles = ["qualified_person"]', "roles = []"),
        ('roles = ["qualified_person"]', 'roles = ["king"]'),
        ('holder = "anyone"', 'holder = "nobody"'),
        ("once = false", "twice = true"),
        ('operator = ">="', 'operator = "~"'),
        ("[[limits]]", "[[limits"),
        ('title = "Release"', 'title = ""'),
        ('short = "Make"', 'short = "Making it"'),
        ('short = "Make"', 'short = ""'),
        ('short = "Make"', 'short = "\\u001b[31m"'),
        (', short = "Make"', ""),
        *((f'{key} = "{span}"', f'{key} = "{wrong}"') for key, span in SPANS for wrong in NO_SPANS),
        ('earliest = "PT4H"', 'earliest = "PT99999999999999H"'),
        ("version = 1", "version = 99999999999999999999"),
        ("seen = 2026-11-23", "seen = 0"),
        ("seen = 2026-11-23", "seen = 9999-12-31"),
        ("seen = 2026-11-23", "seen = 2026-11-23T10:00:00Z"),
        ('label_requires = ["recipient"', 'label_requires = ["recipient", "recipient"'),
        ('roles = ["qualified_person"]', 'roles = ["qualified_person", "qualified_person"]'),
        *(
            (f'{key} = "', f'{key} = "{wrong}" #')
            for key in ("\nbasis", "\nsource", "\ntitle", "\nstorage_text")
            for wrong in (" ", "a \\u202eb")
        ),
    ],
)
def test_a_file_of_another_shape(old: str, new: str) -> None:
    """What is not understood is refused with the place where it stands."""
    assert old in TEXT
    with pytest.raises(InputError) as refused:
        parse_protocol(TEXT.replace(old, new, 1).encode(), name="mine.toml")
    assert "mine.toml" in refused.value.message and refused.value.exit_code == 2


def test_a_file_that_may_not_be_adopted_says_every_reason() -> None:
    """All findings at once, as sentences."""
    content = TEXT.replace('after = ["pre_thaw_matched"]', "after = []").replace("needs_release = true", "")
    with pytest.raises(InputError) as refused:
        parse_protocol(content.encode())
    assert "must come after pre_thaw_matched." in refused.value.message
    assert "must need release." in refused.value.message


@pytest.mark.parametrize("part", ["stages", "containers", "steps"])
def test_at_least_one_of_each(part: str) -> None:
    """A file with one stage, one container or one step is understood; with none of them it is refused."""
    values = tomllib.loads(TEXT)
    single = {**values, part: values[part][:1]}
    assert len(getattr(Protocol.model_validate(single), part)) == 1
    with pytest.raises(ValidationError) as refused:
        Protocol.model_validate({**values, part: []})
    (error,) = refused.value.errors()
    assert error["loc"] == (part,) and error["type"] == "too_short"


def test_hostile_files() -> None:
    """Too large, not text, not TOML."""
    for content in (b"#" * (PROTOCOL_BYTES_MAX + 1), b"\xff\xfe", b"\x00", b"[" * 10_000, b""):
        with pytest.raises(InputError):
            parse_protocol(content)
    with pytest.raises(InputError, match="there are"):
        shipped("../secrets")


def test_durations() -> None:
    """Days, hours and minutes as ISO 8601 writes them, and as people read them."""
    for text, span, shown in (
        ("PT30M", timedelta(minutes=30), "30 min"),
        ("PT90M", timedelta(minutes=90), "90 min"),
        ("PT26H", timedelta(hours=26), "26 h"),
        ("P5D", timedelta(days=5), "5 d"),
        ("P1DT2H3M", timedelta(days=1, hours=2, minutes=3), "1563 min"),
    ):
        assert parse_duration(text) == span and format_duration(span) == shown
    spans = (timedelta(), timedelta(seconds=25), timedelta(seconds=60))
    assert [format_duration(one) for one in spans] == ["0 min", "25 s", "1 min"]
    for wrong in ("", "P", "PT", "30", "P1Y", "P1DT", "pt30m", "-PT1M", "PT\u0663M", "P18251D", 30):
        with pytest.raises(ValueError, match="a duration"):
            parse_duration(wrong)


class TestShelfLives:
    def with_product(self, **changes: Any) -> Protocol:
        """The shipped protocol with another product container."""
        containers = tuple(
            one.model_copy(update=changes) if one.material is Material.PRODUCT else one
            for one in PROTOCOL.containers
        )
        return PROTOCOL.model_copy(update={"containers": containers})

    def test_findings_a11_a_product_without_shelf_life_is_not_adopted(self) -> None:
        """What would never expire is given to nobody."""
        without = self.with_product(shelf_life=None, shelf_life_from=None)
        assert findings(without) == ("the product container has no shelf life.",)

    def test_making_h3_it_starts_with_a_step_of_the_unit(self) -> None:
        """Both or neither, and from a step that records it."""
        assert findings(self.with_product(shelf_life_from=None)) == (
            "the product container needs both shelf_life and shelf_life_from.",
        )
        known = "collected, cryopreserved, manufactured"
        assert findings(self.with_product(shelf_life_from="thaw_ended")) == (
            f"the shelf life of product starts with thaw_ended; it can start with {known}.",
        )
        assert findings(self.with_product(shelf_life_from="collected")) == (
            "the shelf life of product starts with collected, which no step brings for it.",
        )
        assert findings(self.with_product(shelf_life_from="manufactured")) == ()

    @pytest.mark.parametrize(
        ("line", "code"),
        [
            ('volume_ml_max = "25O"', "bad_number"),
            ('volume_ml_max = "99999"', "implausible"),
            ('volume_ml_max = "2"', ""),
            ('shelf_life = "9 months"', ""),
        ],
    )
    def test_a_figure_that_was_mistyped(self, line: str, code: str) -> None:
        """It names the file and what is wrong."""
        key = line.partition(" ")[0]
        at = TEXT.index('material = "product"')
        start = TEXT.index(key, at)
        text = TEXT[:start] + line + TEXT[TEXT.index("\n", start) :]
        with pytest.raises(InputError, match=r"mine\.toml") as refused:
            parse_protocol(text.encode(), name="mine.toml")
        assert code in ("", refused.value.code)


class TestClocks:
    def with_limit(self, **changes: Any) -> Protocol:
        """The shipped protocol with its limit from the thaw replaced."""
        values = {
            "name": "out_of_storage",
            "title": "Removal from storage to end of infusion",
            "start": "retrieved",
            "until": "infusion_completed",
            "within": "PT2H",
            "guards": ["infusion_started"],
            "materials": ["product"],
            "cleared_by": ["stored", "packed"],
            "source": "liso-cel GB product information 4.2",
            **changes,
        }
        kept = [one for one in PROTOCOL.limits if one.name not in ("thaw_to_infusion", "infusion_duration")]
        return PROTOCOL.model_copy(update={"limits": (*kept, Limit.model_validate(values))})

    def test_making_h2_a_clock_from_the_removal_is_enough(self) -> None:
        """Liso-cel's label has no other."""
        assert findings(self.with_limit()) == ()

    def test_making_h2_it_does_not_run_on_the_way(self) -> None:
        """Taken out at the manufacturer and packed, it would be over before it arrives."""
        assert findings(self.with_limit(cleared_by=["stored"])) == (
            "limit out_of_storage starts with retrieved and must be cleared by packed.",
        )

    def test_making_h2_each_start_is_a_step(self) -> None:
        """Of two starts both; what a child inherits need not be a step of the child."""
        assert findings(self.with_limit(start="retrieved|unboxed")) == (
            "limit out_of_storage names unboxed, which no step brings.",
        )
        assert findings(self.with_limit(start="retrieved|inspected")) == ()
        assert findings(self.with_limit(start="retrieved|stored")) == (
            "limit out_of_storage is cleared by the step that starts it.",
        )


def test_what_nobody_judges_is_listed() -> None:
    """The check of a protocol says what quality adopts with it."""
    assert "how much is drawn into a syringe" not in " ".join(unjudged(PROTOCOL))
    assert "leukapheresis has no shelf life" in " ".join(unjudged(FRESH))
    assert not [one for one in unjudged(PROTOCOL) if "outside" in one], "files of places are read too"
    bare = PROTOCOL.model_copy(
        update={
            "release_tests": (),
            "containers": (
                *(one.model_copy(update={"volume_ml_max": None}) for one in PROTOCOL.containers),
                Container(material=Material.SYRINGE, title="Syringe", storage_text="At once", source="label"),
            ),
        }
    )
    said = unjudged(bare)
    assert "there are no release tests: whatever is made can be released." in said
    assert "the product container has no smallest and largest volume." in said
    assert any("no step unit_registered brings" in one for one in said)
    assert any("syringe has no step infusion_started" in one for one in said)
    assert any("how much is drawn into a syringe is recorded by no step" in one for one in said)
    given = bare.model_copy(
        update={"steps": tuple(one.model_copy(update={"materials": ()}) for one in bare.steps)}
    )
    assert not any("syringe has no step infusion_started" in one for one in unjudged(given))


def test_what_nobody_verified_is_listed() -> None:
    """Figures without a source that was read, and those on which sources disagree."""
    listed = " ".join(one.words for one in unverified(PROTOCOL))
    assert "shelf life of leukapheresis, 9 mo:" in listed and "(conflict)" in listed
    assert "release test dose >= 100:" in listed and "(unverified)" in listed
    assert "release test viability" not in listed


LIMITS = Path(__file__).with_name("limits.json")
"""What each key of a protocol file takes at least and at most, and its default, written out again."""


def test_each_key_has_the_limits_written_out() -> None:
    """A limit or a default that moves is a decision: on purpose it is changed in both places."""
    schema = Protocol.model_json_schema()
    shapes = {"Protocol": schema["properties"]}
    shapes |= {name: one["properties"] for name, one in schema["$defs"].items() if "properties" in one}
    found = {
        name: dict(bounds(shape))
        | {f"/{key}/default": one["default"] for key, one in shape.items() if "default" in one}
        for name, shape in sorted(shapes.items())
    }
    assert found == json.loads(LIMITS.read_text(encoding="utf-8"))


NUMBERS = {
    10: {"enrolled"}, 11: {"patient_identified"}, 12: {"unit_registered"}, 13: {"code_adopted"},
    14: {"codes_bound"}, 15: {"collection_started"}, 16: {"collected"},
    21: {"unit_registered"}, 22: {"label_applied"}, 23: {"cassette_bound"}, 25: {"cryopreserved"},
    26: {"consumed"}, 27: {"retained"}, 33: {"stored"}, 34: {"retrieved"},
    40: {"packed"}, 41: {"relinquished"}, 42: {"unpacked"}, 43: {"accepted"}, 44: {"partly_accepted"},
    45: {"refused"}, 46: {"delivery_attempted"}, 47: {"diverted"}, 48: {"lapsed"},
    50: {"inspected"}, 51: {"manufacturing_started"}, 52: {"manufactured"},
    61: {"tested"}, 62: {"released"}, 63: {"released_out_of_specification"}, 64: {"rejected"},
    65: {"manufacturing_failed"}, 66: {"deviation_assessed"},
    67: {"deviation_closed"}, 68: {"results_reviewed"},
    69: {"dose_set"}, 70: {"lymphodepletion_started"},
    71: {"pre_thaw_matched"}, 72: {"thaw_started"}, 73: {"thaw_ended"}, 74: {"bag_matched"},
    75: {"bedside_matched"}, 76: {"infusion_started"}, 77: {"infusion_completed"}, 78: {"infusion_stopped"},
    81: {"label_superseded"}, 82: {"label_voided"}, 83: {"labels_destroyed"}, 84: {"labels_reconciled"},
    85: {"toxicity_graded"}, 86: {"medicine_given"}, 87: {"outcome_recorded"},
    91: {"quarantined"}, 92: {"quarantine_lifted"}, 93: {"deviation_opened"}, 94: {"corrected"},
    95: {"destroyed"}, 96: {"canceled"}, 97: {"closed"}, 98: {"protocol_repinned"},
}  # fmt: skip


PROCESS = {
    510: {"starting_thaw"}, 515: {"wash"}, 520: {"selection"}, 530: {"activation"}, 540: {"transduction"},
    545: {"vector_removal"}, 550: {"feeding"}, 555: {"counting"}, 560: {"pooling"}, 565: {"sampling"},
    570: {"harvest"}, 575: {"formulation"},
}  # fmt: skip


@pytest.mark.parametrize("protocol", [PROTOCOL, FRESH], ids=lambda one: one.id)
def test_every_kind_of_step_has_its_number_for_ever(protocol: Protocol) -> None:
    """Given a shipped protocol, each kind that a terminal offers has the number people know it by."""
    found: dict[int, set[str]] = {}
    for step in protocol.steps:
        found.setdefault(step.number, set()).add(step.fact)
    process = {number: facts for number, facts in PROCESS.items() if protocol is PROTOCOL or number != 510}
    assert found == NUMBERS | process
    assert {step.kind for step in protocol.steps} == set(STEP_KINDS)


def test_a_number_means_one_kind_of_step() -> None:
    """Given two kinds with one number, or one that is kept for making, the protocol is not adopted."""
    assert findings(with_step("thaw_ended", number=72)) == (
        "number 72 is given to thaw_ended and to thaw_started.",
    )
    assert findings(with_step("thaw_ended", number=599)) == (
        "step thaw_ended: number 599 is kept for the process steps of making.",
    )
    assert findings(with_step("thaw_ended", number=100)) == (
        "step thaw_ended: number 100 is not one of 10 to 99.",
    )


@pytest.mark.parametrize("number", ["9", "600", "-23", "23.5", "true", '"23"'])
def test_a_number_is_of_two_digits(number: str) -> None:
    """Given what is no step number in the file, the file is refused with its place."""
    changed = TEXT.replace("number = 72", f"number = {number}", 1)
    with pytest.raises(InputError, match="number"):
        parse_protocol(changed.encode(), name="changed")


def test_a_step_needs_its_number() -> None:
    """Given a step without one, the file is refused."""
    changed = TEXT.replace("number = 72\n", "", 1)
    with pytest.raises(InputError, match="number"):
        parse_protocol(changed.encode(), name="changed")
