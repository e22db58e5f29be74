"""What can be printed for what is on the screen: each paper with its preview and what makes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from labels.content import Content
from labels.kinds import further_label_kinds
from schema.vocabulary import Material
from tracker.values import Found
from tui.language import tr
from tui.looking import ScannedThing
from tui.session import TerminalSession


@dataclass(frozen=True, slots=True)
class Printable:
    """One thing that can be printed for what is on the screen."""

    title: str
    name: str
    """The beginning of the file's name."""

    make: Callable[[], Content]
    """The paper; each call takes the next copy of its code."""

    preview: Callable[[], Content]
    """The same paper, and no copy taken."""


def printables(session: TerminalSession, subject: ScannedThing | None) -> tuple[Printable, ...]:
    """What there is to print, the most wanted first; the cards for everybody come last, or alone."""
    card = partial(session.tracker.labels.card, station=session.station.id)
    return (
        *(() if subject is None else _of_thing(session, subject)),
        _same(
            tr("Command card"),
            "command-card",
            partial(card, "command-card"),
        ),
        *_step_cards(session),
        _same(
            tr("Scanner card"),
            "scanner-card",
            partial(card, "scanner-card"),
        ),
    )


def _of_thing(session: TerminalSession, subject: ScannedThing) -> Iterator[Printable]:
    """The papers of what is on the screen."""
    for make in (_of_unit, _of_therapy, _of_box, _of_location):
        yield from make(session, subject)


def _step_cards(session: TerminalSession) -> Iterator[Printable]:
    """The wall card, a paper for each of its pages."""
    pages = session.tracker.labels.step_cards(session.station.id)
    for number, page in enumerate(pages, start=1):
        title = tr("Step card, page {number} of {count}", number=number, count=len(pages))
        yield _same(title, f"step-card-{number}", partial(_itself, page))


def _itself(content: Content) -> Content:
    return content


def _of_unit(session: TerminalSession, subject: ScannedThing) -> Iterator[Printable]:
    unit = subject.unit
    if unit is None:
        return
    labels = session.tracker.labels
    by = (unit.unit, session.staff, session.station.id)
    yield _copied(tr("Unit label"), unit.unit, partial(labels.label, *by))
    for kind in further_label_kinds(unit.material):
        further = partial(labels.label, *by, design=kind.design)
        yield _copied(tr(kind.name.capitalize()), f"{unit.unit}-{kind.design}", further)
    in_cassette = partial(labels.label, *by, design="cassette")
    if unit.cassette is not None:
        yield _copied(tr("Cassette label"), f"{unit.unit}-cassette", in_cassette)
    elif _has_cassette(subject):
        fresh = partial(in_cassette, cassette=labels.new_cassette_id())
        yield _copied(tr("Label for an unused cassette"), f"{unit.unit}-cassette", fresh)
    therapy = subject.therapy
    for one in therapy.units.values() if therapy is not None else ():
        if one.material is Material.SYRINGE and unit.unit in one.parents:
            drawn = partial(labels.label, one.unit, *by[1:])
            yield _copied(tr("Syringe label {unit}", unit=one.unit), one.unit, drawn)


def _of_therapy(session: TerminalSession, subject: ScannedThing) -> Iterator[Printable]:
    if subject.therapy is not None and subject.found is not Found.BOX:
        coi = subject.therapy.coi
        card = partial(session.tracker.labels.label, coi, session.staff, session.station.id)
        yield _copied(tr("COI card"), coi, card)


def _of_box(session: TerminalSession, subject: ScannedThing) -> Iterator[Printable]:
    box = subject.object_id or ""
    if subject.found is not Found.BOX:
        return
    labels, station = session.tracker.labels, session.station.id
    label = partial(labels.label, box, session.staff, station)
    slip = partial(labels.slip, station=station, box=box)
    listed = partial(labels.packing_list, station=station, box=box)
    if labels.is_packed(box):
        yield _same(tr("Packing list, with the documents that go with it"), f"{box}-packing-list", listed)
    yield _same(tr("Handoff slip, two copies"), f"{box}-slip", slip)
    if labels.is_packed(box):
        yield _same(tr("Outer box label"), f"{box}-outer", partial(label, design="outer-box"))
    yield _copied(tr("The box's own label"), box, partial(label, design="equipment"))


def _of_location(session: TerminalSession, subject: ScannedThing) -> Iterator[Printable]:
    place = subject.object_id or ""
    if subject.found is Found.LOCATION:
        label = partial(session.tracker.labels.label, place, session.staff, session.station.id)
        yield _copied(tr("Location label"), place, label)
        known = session.registry.location(place)
        pages = () if known is None or known.grid is None else session.tracker.labels.position_sheets(place)
        for number, page in enumerate(pages, start=1):
            title = tr("Its positions, page {number} of {count}", number=number, count=len(pages))
            yield _same(title, f"{place}-positions-{number}", partial(_itself, page))


def _copied(title: str, name: str, make: Callable[..., Content]) -> Printable:
    return Printable(title, name, make, partial(make, preview=True))


def _same(title: str, name: str, make: Callable[[], Content]) -> Printable:
    """A paper that takes no copy of a code, so that its preview is the paper."""
    return Printable(title, name, make, make)


def _has_cassette(subject: ScannedThing) -> bool:
    protocol, unit = subject.lookup.protocol, subject.unit
    container = protocol.container(unit.material) if protocol and unit else None
    return container is not None and container.cassette
