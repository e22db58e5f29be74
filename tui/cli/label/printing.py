"""`cartrail label` at the printer: copies before their paper, outcomes after it, blanks in counted sets."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from labels.content import LabelContent
from schema.errors import InputError
from schema.identifiers import parse_printed
from schema.vocabulary import Material, ObjectType, Reason
from tui.cli.acting import ask
from tui.cli.session import CommandSession, SignedIn

if TYPE_CHECKING:
    from labels.content import Content
    from labels.outputs import PrintTarget
    from labels.pdf import PrintSetting
    from tracker.tracker import Tracker

BLANKS_MAX = 200
"""One set is counted by hand, twice."""


@dataclass(frozen=True, slots=True)
class Printed:
    """What went out, and where."""

    contents: tuple[Content, ...]
    files: tuple[Path, ...]
    text: str


def put_out(
    tracker: Tracker,
    assemble: Callable[[], Sequence[Content]],
    target: PrintTarget,
    *,
    setting: Callable[[Sequence[Content]], PrintSetting],
    reason: Reason | None = None,
) -> Printed:
    """Assemble and print as one job; its copies are closed when it certainly did not come out."""
    out = io.StringIO()
    with tracker.prints.job(reason=reason) as job:
        contents = tuple(assemble())
        files = job.put_out(contents, target, out=out, setting=setting(contents))
    return Printed(contents, files, out.getvalue())


def blanks(
    tracker: Tracker, session: CommandSession, count: int, material: str | None, site: str | None
) -> tuple[Content, ...]:
    """Labels with fresh ids that stand for nothing yet."""
    kind, place = material_of(material), site_of(tracker, site)
    by = (session.staff, session.station_in(tracker))
    ids = (tracker.new_object_id(object_type=ObjectType.UNIT) for _ in range(count))
    return tuple(tracker.labels.blank(unit, kind, place, *by) for unit in ids)


def issue_blanks(
    tracker: Tracker,
    session: CommandSession,
    contents: Sequence[Content],
    material: str | None,
    site: str | None,
    *,
    people: SignedIn,
) -> None:
    """Record the set that was just printed; what did not come out was refused before."""
    units = [
        parse_printed(one.code).object_id for one in contents if isinstance(one, LabelContent) and one.blank
    ]
    ask(
        session,
        tracker,
        "issue_label_stock",
        people=people,
        site=site_of(tracker, site),
        material=material_of(material).value,
        units=units,
        count=len(units),
    )


def material_of(text: str | None) -> Material:
    """What a blank label will be for."""
    try:
        return Material(text or "")
    except ValueError as error:
        known = ", ".join(one.value for one in Material)
        raise InputError(
            "Blank labels need to know what they will be for.", remedy=f"Give --material: {known}."
        ) from error


def site_of(tracker: Tracker, site: str | None) -> str:
    """The site that a set of blanks is issued to."""
    if site is None or tracker.registry.site(site) is None:
        raise InputError(
            "Blank labels are issued to a site.", remedy="Give --site; `cartrail site list` lists them."
        )
    return site
