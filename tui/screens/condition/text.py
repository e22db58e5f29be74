"""What a logger recorded, in words: how it was judged, what is to be assessed, what is missing. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final

from rich.text import Text

from schema.events.conditions import JudgedUnit
from schema.vocabulary import ExcursionDecision, ExposureVerdict, KnownFrom
from tracker.values import FoundExcursion, LoggerReadings, StorageLife, TherapyReadings, UnreadLogger
from tui.answers import safe
from tui.glyphs import BAD, DONE, LOOK
from tui.language import tr
from tui.lives import life_text, life_words
from tui.screens.condition.curve import Local
from tui.shown_codes import code_text, in_sentence
from tui.words import lasting, short_time

UNITS_MAX: Final = 6
"""So many units are named; a count stands for more."""

LIVES_MAX: Final = 3
"""So many different lives of units stand below what was judged."""

_GRAVITY: Final = (
    ExposureVerdict.OUTSIDE,
    ExposureVerdict.NOT_JUDGEABLE,
    ExposureVerdict.NO_BAND,
    ExposureVerdict.WITHIN,
)


def title_of(one: LoggerReadings) -> Text:
    """The box or the place, and the logger in it."""
    boxes = one.boxes or ((one.said.box,) if one.said.box is not None else ())
    title = Text(tr("Box") + " ") if boxes else Text(safe(one.where))
    title.append_text(Text(", " + tr("then") + " ").join(code_text(box) for box in boxes))
    return title.append(", " + tr("logger {number}", number=safe(one.said.serial)))


def worst_of(one: LoggerReadings) -> JudgedUnit:
    """The unit for which it was worst."""
    return min(one.said.judged, key=lambda each: (_GRAVITY.index(each.verdict), -each.outside_s))


def verdict_text(one: LoggerReadings) -> Text:
    """What was found, with shape and word; for how long, past which limit, and what was allowed."""
    worst = worst_of(one)
    if not one.has_reading and worst.verdict is ExposureVerdict.WITHIN:
        return Text(f"{BAD} {tr('UNKNOWN')}", style="stop").append("  " + _no_reading(one), style="muted")
    mark, style = _mark(one, worst)
    return Text().append(mark, style=style).append("  " + verdict_words(worst), style="muted")


def _no_reading(one: LoggerReadings) -> str:
    """Readings of other times say nothing of these cells, however cold they are."""
    if one.said.location is not None:
        return tr("no reading lies in the time in this place")
    return (
        tr("no reading lies in the time in this box")
        if len(one.boxes) < 2
        else tr("no reading lies in the time in these boxes")
    )


def _mark(one: LoggerReadings, worst: JudgedUnit) -> tuple[str, str]:
    if worst.verdict is ExposureVerdict.WITHIN:
        return f"{DONE} {tr('IN ORDER')}", "ok"
    if worst.verdict is ExposureVerdict.NO_BAND:
        return f"{LOOK} {tr('NOT JUDGED')}", "check"
    if worst.verdict is ExposureVerdict.NOT_JUDGEABLE:
        word = tr("UNKNOWN")
    else:
        word = tr("COLD") if is_cold(worst) else tr("WARM")
    is_open = bool(one.to_assess)
    is_usable = not is_open and all(
        each.state.decision is ExcursionDecision.USABLE for each in one.excursions
    )
    return f"{LOOK if is_usable else BAD} {word}", "check" if is_usable else "stop"


def is_cold(one: JudgedUnit) -> bool:
    """Whether it was below its band."""
    low, peak = one.celsius_min, one.peak_celsius
    return low is not None and peak is not None and Decimal(peak) < Decimal(low)


def verdict_words(one: JudgedUnit) -> str:
    """For how long a unit was outside its band, or nobody knows."""
    if one.verdict is ExposureVerdict.NO_BAND:
        return tr("its protocol says nothing of its temperature")
    if one.verdict is ExposureVerdict.NOT_JUDGEABLE:
        return tr("{length} without a reading", length=_length(one.unknown_s))
    if not one.outside_s:
        return tr("never outside {band}", band=band_words(one))
    length, allowed = _length(one.outside_s), _length(one.allowed_s)
    bound = one.celsius_min if is_cold(one) else one.celsius_max
    words = tr("{length} below {bound} C, allowed {allowed}") if is_cold(one) else ""
    words = words or tr("{length} above {bound} C, allowed {allowed}")
    return words.format(length=length, bound=bound, allowed=allowed)


def band_words(one: JudgedUnit) -> str:
    """What a unit bears."""
    low, high = one.celsius_min, one.celsius_max
    if low is not None and high is not None:
        return tr("{low} to {high} C", low=low, high=high)
    return tr("at most {high} C", high=high) if high is not None else tr("at least {low} C", low=low or "")


def _counted(one: LoggerReadings) -> str:
    """How many readings, and whether any are missing."""
    many = tr("{count} readings", count=f"{one.said.readings:,}".replace(",", " "))
    if not one.has_reading:
        return f"{many}, {_no_reading(one)}"
    unknown = max(each.unknown_s for each in one.said.judged)
    gap = tr("{length} unknown", length=_length(unknown)) if unknown else tr("no gap")
    return f"{many}, {gap}"


def found_text(one: LoggerReadings) -> Text:
    """Each excursion with its units and what quality has said; without one the units in a line."""
    lines = []
    for each in one.excursions:
        line = Text().append(tr("Units") + " ", style="bold").append_text(_units(each.found.units))
        if each is one.excursions[0]:
            line.append("   " + _counted(one), style="muted")
        lines += [line, _decided(each)]
    if not lines:
        lines.append(Text().append(tr("Units") + " ", style="bold").append_text(_units(one.said.units)))
        lines.append(Text(_counted(one), style="muted"))
    return Text("\n").join(lines)


def _read_by(one: LoggerReadings, local: Local) -> str:
    at = short_time(local(one.recorded_at))
    return "  " + tr("read by {who}, {at}", who=safe(one.recorded_by), at=at)


def _units(units: tuple[str, ...]) -> Text:
    text = Text(", ").join(code_text(unit) for unit in units[:UNITS_MAX])
    more = len(units) - UNITS_MAX
    return text.append(tr(" and {count} more", count=more)) if more > 0 else text


def _decided(each: FoundExcursion) -> Text:
    if each.state.decision is None:
        words = tr("F4 usable or not usable: quality, and a second person")
        return Text(words)
    if each.state.decision is ExcursionDecision.USABLE:
        return Text(f"{DONE} {tr('usable, as quality found')}", style="ok")
    return Text(f"{BAD} {tr('NOT USABLE, as quality found')}", style="stop")


def judged_rows(
    one: LoggerReadings, lives: Iterable[StorageLife], local: Local
) -> Iterator[tuple[Text, Text]]:
    """By which band each unit was judged and what its life adds up to; by which file, clock and times."""
    for number, each in enumerate(one.said.judged[:UNITS_MAX]):
        words = code_text(each.unit).append("  " + verdict_words(each))
        if each.verdict is not ExposureVerdict.NO_BAND:
            words.append("  " + band_words(each), style="muted")
        yield _label(tr("judged") if not number else ""), words
    yield from _life_rows(one, lives)
    said = one.said
    zone = tr("clock in file") if said.clock_from is KnownFrom.IN_FILE else tr("clock as it was said")
    size = "" if one.trace is None else f", {-(-one.trace.file_bytes // 1000)} kB"
    digest = "" if one.sha256 is None else f", hash {_short(one.sha256)}"
    yield (
        _label(tr("file")),
        Text(f"{one.file_title}{size}{digest}, {zone} {said.clock_offset}").append(
            _read_by(one, local), style="muted"
        ),
    )
    temperature = tr(
        "{low} to {high} C, mean {mean} C",
        low=said.celsius_min,
        high=said.celsius_max,
        mean=said.celsius_mean,
    )
    yield _label(tr("readings")), Text(temperature).append("  " + _apart(said.interval_s), style="muted")
    for number, stay in enumerate(one.stays):
        ends = {"since": short_time(local(stay.since)), "until": short_time(local(stay.until))}
        is_boxed = said.location is None
        times = (
            tr("packed {since} to opened {until}", **ends) if is_boxed else tr("{since} to {until}", **ends)
        )
        words = Text(times)
        if not number and said.outside_custody:
            more = tr("{count} readings of other times judge nothing", count=said.outside_custody)
            words.append("  " + more, style="muted")
        yield _label(tr("window") if not number else ""), words


def _life_rows(one: LoggerReadings, lives: Iterable[StorageLife]) -> Iterator[tuple[Text, Text]]:
    """What the units beside the logger went through until now; those that went through the same in a line."""
    beside = {each.unit for each in one.said.judged}
    found: dict[str, list[StorageLife]] = {}
    for life in sorted(lives, key=lambda life: (-len(life.passed), -life.outside)):
        if life.unit in beside and not life.is_new:
            found.setdefault(life_words(life), []).append(life)
    for number, (words, ones) in enumerate(list(found.items())[:LIVES_MAX]):
        said = life_text(words, is_passed=bool(ones[0].passed))
        if len(found) > 1:
            said.append("  ").append_text(_units(tuple(each.unit for each in ones)))
        yield _label("" if number else tr("its life")), said


def _length(seconds: int) -> str:
    return lasting(timedelta(seconds=seconds))


def _label(word: str) -> Text:
    return Text(word, style="muted")


def _apart(seconds: int) -> str:
    return (
        tr("every {count} s", count=seconds) if seconds % 60 else tr("every {count} min", count=seconds // 60)
    )


def _short(sha256: str) -> str:
    first = sha256[:12].upper()
    return " ".join((first[:4], first[4:8], first[8:]))


def erased_text(one: LoggerReadings) -> Text:
    """What stands where the curve was: the file is gone, and what was found of it stays."""
    said = one.said
    lines = [
        Text(tr("The logger's file was erased with the patient's data: there is no curve."), style="bold"),
        Text(tr("What was found when it was read stays in the record:")),
        Text(""),
        Text(
            tr(
                "{count} readings, {low} to {high} C, mean {mean} C",
                count=said.readings,
                low=said.celsius_min,
                high=said.celsius_max,
                mean=said.celsius_mean,
            )
        ),
    ]
    lines += [code_text(each.unit).append("  " + verdict_words(each)) for each in said.judged]
    return Text("\n").join(lines)


def none_text(known: Sequence[TherapyReadings], local: Local) -> Text:
    """No readings: which boxes wait for the file of their logger, and how it is read."""
    lines = [Text(tr("No readings: no logger's file was read."), style="bold")]
    unread = _unread(known)
    for one in unread:
        lines.append(Text(""))
        logger = safe(one.logger) or tr("no logger")
        packed = tr("packed {at}, {logger}", at=short_time(local(one.packed_at)), logger=logger)
        lines.append(Text(tr("Box") + " ").append_text(code_text(one.box)).append(f"  {packed}"))
        if one.logger:
            command = tr("cartrail temperature FILE --shipment {shipment}", shipment=one.shipment)
            lines.append(Text(tr("Read it when the box was opened:") + " ", style="muted"))
            lines.append(Text("  " + command))
    if not unread:
        lines.append(Text(tr("Nothing of it was packed with a logger yet.")))
    return Text("\n").join(lines)


def _unread(known: Iterable[TherapyReadings]) -> tuple[UnreadLogger, ...]:
    """Each shipment once: several therapies may have travelled in one box."""
    return tuple({one.shipment: one for therapy in known for one in therapy.unread}.values())


def unread_words(known: Iterable[TherapyReadings]) -> Text:
    """How many boxes still wait for their file, beside those that were read."""
    count = len(_unread(known))
    one, many = tr("1 box without a file"), tr("{count} boxes without a file", count=count)
    return in_sentence((one if count == 1 else many) if count else "")
