"""What can be chosen over the screen in front: who may stand here, what lies around. It reads the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from textual.screen import Screen

from schema.identifiers import COMMANDS, first_copy
from schema.vocabulary import Meaning, ObjectType, PartyType, Role
from tracker.values import Found, Grant, JourneyStep, LyingAround, due_step
from tui.invented import Invented
from tui.language import named, tr
from tui.looking import ScannedThing
from tui.screens.bench import BenchScreen
from tui.screens.form import FormScreen
from tui.screens.handoff import HandoffScreen
from tui.screens.home import HomeScreen
from tui.screens.release import ReleaseScreen
from tui.screens.sign import SignScreen
from tui.screens.sign.signing import PROMPTS, Phase
from tui.screens.step import StepScreen
from tui.screens.step.visiting import BadgeScreen
from tui.screens.tray.needs import (
    CLEAR,
    ENROLL,
    LEAVE,
    NEXT,
    PLAY,
    SIGN,
    UNCLEARED,
    UNRELEASED,
    WHO_NEXT,
    How,
    TrayLine,
    command_line,
    for_prompt,
    is_another_patients,
    number_line,
    once,
    thing_line,
)
from tui.screens.who import WhoScreen
from tui.session import TerminalSession, owner_of

_WRONG_MAX: Final = 2
"""Of what is wrong here so many stand before the rest of what lies around."""

BENCH_OCCUPIED: Final = "bench_occupied"
_PACKED_WITH: Final = frozenset({Found.BOX, Found.DATA_LOGGER})


@dataclass(frozen=True, slots=True)
class Tray:
    """Everything that a tray shows."""

    things: tuple[TrayLine, ...]
    badges: tuple[TrayLine, ...] = ()
    asks: str = ""
    """What the screen in front waits for."""

    journey: tuple[JourneyStep, ...] = ()
    """The steps of the therapy that is played; empty where none is known."""

    @property
    def likeliest(self) -> TrayLine:
        """What the screen asks for: a thing before a badge, the first line where nothing is asked."""
        lines = (*self.things, *self.badges)
        return next((one for one in lines if one.is_needed), lines[0])


def coi_on(front: object, played: str = "") -> str:
    """The therapy that a screen is about: of a box with several the one that is played; empty for none."""
    subject = front.subject if isinstance(front, (HomeScreen, FormScreen)) else None
    therapies = () if subject is None else subject.therapies
    if played in therapies:
        return played
    therapy = None
    if isinstance(front, FormScreen) and front.setting is not None:
        therapy = front.setting.therapy
    return therapy.coi if therapy is not None else next(iter(therapies), "")


def tray_over(front: Screen[Any], session: TerminalSession, invented: Invented, coi: str) -> Tray:
    """What a screen asks for first, then everything else; `coi` is the therapy that is played."""
    journey = session.tracker.read.journey_steps(coi=coi) if coi else ()
    asks = _asked(front)
    if isinstance(front, (SignScreen, WhoScreen)):
        wanted = _asked_of(front, session)
        things = tuple(_secret(wanted, invented)) if wanted is not None else ()
        badges = () if wanted is not None else tuple(_badges_of(front, session, invented))
        plays = isinstance(front, WhoScreen) and bool(invented.scenes) and wanted is None
        return Tray((*things, *((PLAY,) if plays else ())), badges, asks, journey)
    around = session.tracker.read.lying_around(station=session.station.id)
    if isinstance(front, BadgeScreen) and front.badge_of:
        return Tray((), tuple(_badges(session, invented, fits=_receiver(front, session))), asks, journey)
    things = _things(front, session, invented, around, coi)
    if isinstance(front, HomeScreen) and invented.scenes and journey and all(one.is_done for one in journey):
        things = (replace(PLAY, is_needed=True), *(one for one in things if one.how is not How.PLAY))
    asks = asks or next((one.title for one in things if one.is_needed), "")
    return Tray(things, tuple(_badges(session, invented, fits=lambda _: False)), asks, journey)


def _things(
    front: Screen[Any],
    session: TerminalSession,
    invented: Invented,
    around: tuple[LyingAround, ...],
    coi: str,
) -> tuple[TrayLine, ...]:
    needed = once(_needed(front, session, around, coi))
    chosen = {line.text for line in needed}
    others = [thing_line(thing) for thing in around if thing.code not in chosen]
    wrong: list[TrayLine] = []
    if isinstance(front, FormScreen) and front.setting is not None:
        prompt, setting = front.form.current, front.setting
        foreign = [one for one in around if is_another_patients(one, prompt, setting)]
        unfit = _unfit_to_pack(front, session, around)
        wrong = [replace(thing_line(one), is_wrong=True) for one in (*foreign, *unfit)]
        wrong = [one for one in wrong if one.text not in chosen]
    is_home = isinstance(front, HomeScreen)
    # Where this person has nothing more to do with what is played, that is what is to be done.
    who_next = replace(WHO_NEXT, is_needed=bool(coi) and not needed)
    goes_on = [who_next] if is_home and not any(one.how is How.WHO_NEXT for one in needed) else []
    goes_on += [PLAY] if is_home and invented.scenes else []
    tried = {line.text for line in wrong}
    rest = [line for line in others if line.text not in tried]
    first, more = wrong[:_WRONG_MAX], wrong[_WRONG_MAX:]
    return once((*needed, *goes_on, *first, *rest, *more, *(command_line(one) for one in COMMANDS)))


def _asked(front: Screen[Any]) -> str:
    """In words: the field of a form, the next step, a badge or a secret."""
    if isinstance(front, SignScreen):
        return PROMPTS[front.phase]
    if isinstance(front, WhoScreen):
        return PROMPTS[Phase.BADGE if front.asked_of is None else Phase.PASSWORD]
    if isinstance(front, BadgeScreen) and front.badge_of:
        return tr("{whose}: your badge", whose=front.badge_of)
    if isinstance(front, FormScreen):
        return front.order()
    if isinstance(front, HomeScreen) and front.subject is not None:
        return next((one.title for one in front.subject.offers if one.is_next), "")
    return tr("scan what you work on") if isinstance(front, HomeScreen) else ""


def _needed(
    front: Screen[Any], session: TerminalSession, around: tuple[LyingAround, ...], coi: str
) -> Iterator[TrayLine]:
    if isinstance(front, HandoffScreen) and front.is_over:
        yield LEAVE
    elif isinstance(front, FormScreen):
        if front.setting is not None:
            fresh = first_copy(session.tracker.new_object_id(object_type=ObjectType.CASSETTE)).text
            if isinstance(front, StepScreen) and front.form.current is None and front.why_not_sign() is None:
                yield SIGN
            unfit = _unfit_to_pack(front, session, around)
            fit = [one for one in around if one not in unfit]
            yield from for_prompt(front.form, front.setting, fit, fresh)
    elif isinstance(front, (BenchScreen, ReleaseScreen)):
        yield from _needed_to_sign(front, session)
    elif isinstance(front, HomeScreen):
        if front.subject is not None:
            for line in _needed_of(front, front.subject, session.station.site, coi):
                # What cannot be cleared yet is not offered again and again: its own therapy goes on first.
                yield replace(WHO_NEXT, is_needed=True) if line == CLEAR and session.uncleared else line
            return
        by_id = {thing.object_id: thing for thing in around if thing.object_id}
        waits = [line for line in front.waiting.lines if line.subject in by_id]
        of_it = [line for line in waits if not coi or coi in line.cois]
        yield from (thing_line(by_id[line.subject], is_needed=True) for line in of_it)
        if not of_it:
            yield from () if not coi else (replace(WHO_NEXT, is_needed=True),)
        if not waits:
            yield ENROLL


def _needed_to_sign(front: BenchScreen | ReleaseScreen, session: TerminalSession) -> Iterator[TrayLine]:
    """At a bench labels that leave, then the signature; once it was refused, the way back."""
    is_bench = isinstance(front, BenchScreen)
    for code in front.unaccounted if isinstance(front, BenchScreen) else ():
        yield TrayLine(tr("the label leaves with its therapy"), code, is_needed=True, detail=code)
    if not is_bench and front.why_not_sign() is not None:
        yield UNRELEASED
    elif is_bench and session.uncleared:
        yield UNCLEARED
    elif front.why_not_sign() is None:
        yield SIGN


def _needed_of(front: HomeScreen, subject: ScannedThing, site: str, coi: str) -> Iterator[TrayLine]:
    """The step to take now with what was scanned: the next, one that its number opens, or none here."""
    numbered = [one for one in front.waiting.lines if one.subject == subject.object_id and one.number]
    possible = {one.number for one in subject.offers if one.possible}
    taken = {one.violation.rule for one in subject.offers if one.violation is not None}
    if coi and not coi_on(front):
        # Such as a box that was just emptied: the therapy goes on elsewhere.
        yield replace(WHO_NEXT, is_needed=True)
    elif _is_due_at_taken_bench(subject):
        yield CLEAR
    elif any(one.is_next for one in subject.offers):
        yield NEXT
    elif _is_at_the_door(subject, site):
        yield TrayLine(tr("seal of its box"), subject.seal or "", is_needed=True)
    elif any(one.number in possible for one in numbered):
        yield from (number_line(one) for one in numbered if one.number in possible)
    elif BENCH_OCCUPIED in taken:
        yield CLEAR


def _is_due_at_taken_bench(subject: ScannedThing) -> bool:
    """Whether the way goes on here once the bench is cleared; to put it away meanwhile leads nowhere."""
    unit, protocol = subject.unit, subject.lookup.protocol
    due = due_step(protocol, unit) if unit is not None and protocol is not None else None
    waits = [one for one in subject.offers if due is not None and one.kind == due.kind]
    return any(one.violation is not None and one.violation.rule == BENCH_OCCUPIED for one in waits)


def _unfit_to_pack(
    front: FormScreen, session: TerminalSession, around: tuple[LyingAround, ...]
) -> list[LyingAround]:
    """Boxes and loggers that the rules do not let be packed now, where any that is fit will do."""
    prompt = front.form.current
    if prompt is None or prompt.object_id is not None or front.form.request != "pack":
        return []
    unfit, station = session.tracker.read.unfit_to_pack, session.station.id
    asked = [one for one in around if one.found in _PACKED_WITH & {*prompt.wanted}]
    return [one for one in asked if unfit(equipment=one.object_id, station=station) is not None]


def _is_at_the_door(box: ScannedThing, site: str) -> bool:
    """Whether a driver has brought a sealed box to where it goes: its seal begins the handoff."""
    if box.seal is None or not box.held:
        return False
    therapy, unit = box.held[0]
    planned = therapy.boxes_carrier.get(box.object_id or "")
    is_carried = unit.custodian is not None and unit.custodian.type is PartyType.CARRIER
    return is_carried and planned is not None and planned[1] == site


def _secret(wanted: tuple[str, Phase], invented: Invented) -> Iterator[TrayLine]:
    """Password or PIN of an invented person; a person of a training store has their own."""
    person = invented.people.get(wanted[0])
    if person is not None:
        is_pin = wanted[1] is Phase.PIN
        word = tr("the PIN of") if is_pin else tr("the password of")
        secret = person.pin if is_pin else person.password
        yield TrayLine(f"{word} {wanted[0]}", secret, How.SECRET, is_needed=True)


def _badges_of(
    front: SignScreen[Any] | WhoScreen, session: TerminalSession, invented: Invented
) -> Iterator[TrayLine]:
    """Whose badge it may be: the person who must sign, else everybody who may at this site."""
    slot = front.slot if isinstance(front, SignScreen) else None
    words = slot.name or "" if slot is not None else ""

    is_anybody = slot is None or slot.staff is not None or not any(named(role) in words for role in Role)

    def fits(grant: Grant) -> bool:
        return grant.site == session.station.site and (is_anybody or named(grant.role) in words)

    yield from _badges(session, invented, slot.staff if slot is not None else None, fits=fits)


def _receiver(front: BadgeScreen, session: TerminalSession) -> Callable[[Grant], bool]:
    """Who signs beside the person signed in: a driver, or somebody of the part that is given something."""
    registry, here = session.registry, session.station.site
    subject = front.subject
    units = [] if subject is None else [*(unit for _, unit in subject.held), subject.unit]
    has_travelled = any(unit.has_travelled for unit in units if unit is not None)
    gives = front.badge_meaning() is Meaning.RELINQUISHED
    given_to = [one["id"] for one in front.form.answers_to("to") if isinstance(one, dict)]
    department = registry.department(str(given_to[-1])) if given_to else None
    if department is not None and not gives:
        roles = department.roles
        return lambda grant: grant.site == here and grant.role in roles
    if gives or not has_travelled:
        return lambda grant: grant.role is Role.COURIER
    return lambda grant: grant.site == here and grant.role is Role.DOCK


def _badges(
    session: TerminalSession,
    invented: Invented,
    asked: str | None = None,
    *,
    fits: Callable[[Grant], bool],
) -> Iterator[TrayLine]:
    """Whose badge it may be: of one person, else of everybody, those first whom it fits."""
    registry = session.registry
    signed_in = session.staff if session.is_open else ""
    found = []
    for staff, person in invented.people.items():
        known = registry.person(staff)
        if known is None or staff == signed_in or asked not in (None, staff):
            continue
        grants = registry.grants_of(staff)
        is_fit = any(fits(grant) for grant in grants)
        roles = ", ".join(dict.fromkeys(named(grant.role) for grant in grants))
        sites = ", ".join(dict.fromkeys(grant.site for grant in grants))
        line = TrayLine(known.name, person.badge, is_needed=is_fit, detail=roles, place=f"{staff}, {sites}")
        found.append((not is_fit, session.station.site not in sites, line))
    yield from (line for *_, line in sorted(found, key=lambda one: one[:2]))


def _asked_of(front: SignScreen[Any] | WhoScreen, session: TerminalSession) -> tuple[str, Phase] | None:
    """Whose secret is asked for now; None while a badge is."""
    if isinstance(front, WhoScreen):
        return None if front.asked_of is None else (front.asked_of, Phase.PASSWORD)
    if front.phase is Phase.PIN:
        return front.slot.staff or "", Phase.PIN
    if front.phase is Phase.PASSWORD and front.badge_read is not None:
        return owner_of(session.registry, front.badge_read), Phase.PASSWORD
    return None
