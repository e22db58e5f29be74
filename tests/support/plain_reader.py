"""A second reader of loggers' files, written for being right and not for being fast.

It takes each line by itself, times by `strptime` and temperatures as fractions, and knows of each layout only
where the fixtures of `logger_files` have their cells. It refuses little: what it is compared with does that.
"""

import csv
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from difflib import SequenceMatcher
from fractions import Fraction
from typing import Literal

from schema.vocabulary import DayOrder, TemperatureUnit
from tests.support.logger_files import LoggerFile
from tracker.readings.values import Format

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIMES = (
    "%H:%M:%S",
    "%H:%M:%S.%f",
    "%H:%M",
    "%I:%M:%S %p",
    "%I.%M.%S %p",
    "%I:%M %p",
    "%I.%M %p",
    "%H.%M.%S",
    "%H.%M",
)
_DAYS = {
    DayOrder.YEAR_FIRST: ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d"),
    DayOrder.MONTH_FIRST: ("%m/%d/%Y", "%m-%d-%Y", "%m.%d.%Y", "%m/%d/%y", "%m-%d-%y", "%m.%d.%y"),
    DayOrder.DAY_FIRST: ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y", "%d-%m-%y", "%d.%m.%y"),
}


def plainly(file: LoggerFile, content: bytes, order: DayOrder) -> dict[int, Fraction]:
    """Degrees Celsius by milliseconds since 1970; the days are read in this order, or the year first."""
    rows = [*_rows(file, _text(content))]
    header = _header(file, rows)
    day, clock, value = _columns(file, rows[header])
    unit, offset = _unit(file, rows[header]), _offset(file, rows[: header + 1])
    found: dict[int, Fraction] = {}
    for row in rows[header + 1 :]:
        if row and row[0].strip().startswith(("[End", "Cert:")):
            break
        if len(row) > value and row[value]:
            at = _moment(file.file_format, row[day], None if clock is None else row[clock], order, offset)
            degrees = Fraction(row[value].strip().replace(",", "."))
            celsius = degrees if unit is TemperatureUnit.CELSIUS else (degrees - 32) * 5 / 9
            milliseconds = round((at - EPOCH) / timedelta(milliseconds=1))
            if found.setdefault(milliseconds, celsius) != celsius:
                raise ValueError(milliseconds)
    return found


def _text(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def _header(file: LoggerFile, rows: list[list[str]]) -> int:
    """The place of the titles: below a word of Berlinger and MadgeTech 2, else most like the fixture's."""
    for word in (["Data:"], ["[Reading]"]):
        if word in rows:
            return rows.index(word) + 1
    titles = next(row for row in _rows(file, file.text) if _is_header(file.file_format, row))
    return max(range(len(rows)), key=lambda number: (*_alike(file, rows[number], titles), -number))


def _alike(file: LoggerFile, row: list[str], titles: list[str]) -> tuple[bool, float]:
    """How much a line is like the titles of the fixture, which may have been changed in it."""
    like = SequenceMatcher(None, "|".join(row), "|".join(titles)).ratio() if len(row) > 1 else 0
    return _is_header(file.file_format, row), like


def _rows(file: LoggerFile, text: str) -> Iterator[list[str]]:
    berlinger = file.file_format in (Format.Q_TAG, Format.FRIDGE_TAG)
    quoting: Literal[0, 3] = csv.QUOTE_NONE if berlinger else csv.QUOTE_MINIMAL
    delimiter = "\t" if berlinger or "\t" in file.text else ";" if ";" in file.text else ","
    for line in re.split("\r\n|\r|\n", text):
        yield _cells(line, delimiter, quoting)


def _cells(line: str, delimiter: str, quoting: Literal[0, 3]) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter, quoting=quoting), [])


def _is_header(file_format: Format, row: list[str]) -> bool:
    titles = [one.strip().strip("#").strip().lower() for one in row]
    match file_format:
        case Format.GENERIC:
            return titles in (["time", "celsius"], ["time", "fahrenheit"])
        case Format.Q_TAG | Format.FRIDGE_TAG:
            return titles[1:3] == ["yyyy-mm-dd hh:mm", "t"]
        case Format.MADGETECH_2:
            return titles[:2] == ["id", "datetime"]
        case Format.EL_USB:
            return titles[1:2] == ["time"] and len(titles) > 3
        case Format.LASCAR | Format.MADGETECH_4 | Format.LOGTAG:
            return any(one.startswith("date") for one in titles) and len(titles) > 3
    return any(one.startswith(("date time", "date-time")) for one in titles) and len(titles) > 2


def _columns(file: LoggerFile, header: list[str]) -> tuple[int, int | None, int]:
    match file.file_format:
        case Format.GENERIC:
            return 0, None, 1
        case Format.Q_TAG | Format.FRIDGE_TAG | Format.MADGETECH_2 | Format.EL_USB:
            return 1, None, 2
        case Format.LASCAR:
            return 0, 1, 2
        case Format.MADGETECH_4:
            return 1, 2, 4
        case Format.LOGTAG:
            return 1, 2, 3
    time = next(number for number, one in enumerate(header) if one.lstrip(' #"\t').lower().startswith("date"))
    return time, None, time + 1


def _unit(file: LoggerFile, header: list[str]) -> TemperatureUnit:
    if file.declared.unit is not None or file.file_format in (Format.FRIDGE_TAG, Format.MADGETECH_2):
        return file.declared.unit or TemperatureUnit.CELSIUS
    _, _, value = _columns(file, header)
    if header[value].strip().lower().startswith("fahrenheit"):
        return TemperatureUnit.FAHRENHEIT
    found = re.search(r"(?:\W|Type)([CF])(?=[\s(),#]|$)", header[value])
    return TemperatureUnit.CELSIUS if found is None or found[1] == "C" else TemperatureUnit.FAHRENHEIT


def _offset(file: LoggerFile, head: list[list[str]]) -> timedelta:
    if file.declared.offset is not None:
        return file.declared.offset
    text = "\n".join(",".join(row) for row in head)
    found = re.search(r"(?:GMT|UTC|zone\s*,)\s*([+-])(\d\d):(\d\d)", text, re.IGNORECASE)
    if found is None:
        return timedelta()
    ahead = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return -ahead if found[1] == "-" else ahead


def _moment(file_format: Format, day: str, clock: str | None, order: DayOrder, offset: timedelta) -> datetime:
    if file_format is Format.MADGETECH_2:
        days = Fraction(day.strip().replace(",", "."))
        seconds = round((days - int(days)) * 86_400)
        local = datetime(1899, 12, 30) + timedelta(days=int(days), seconds=seconds)  # noqa: DTZ001
        return local.replace(tzinfo=timezone(offset))
    if clock is None:
        day, _, clock = day.strip().partition("T" if "T" in day else " ")
    zone = timezone(offset)
    found = re.fullmatch(r"(.*?)\s?(?:([Zz])|([+-])(\d\d):(\d\d))", clock)
    if found is not None:
        clock, zone = found[1], UTC
        if found[3]:
            ahead = timedelta(hours=int(found[4]), minutes=int(found[5]))
            zone = timezone(-ahead if found[3] == "-" else ahead)
    on = _tried(day.strip(), (*_DAYS[DayOrder.YEAR_FIRST], *_DAYS[order])).date()
    text = re.sub(r"\s?([AaPp])\.?[Mm]\.?$", r" \1M", clock.strip())
    text = re.sub(r":(\d\d),(\d+)", r":\1.\2", text)
    time = _tried(text, _TIMES).time()
    return datetime.combine(on, time, zone)


def _tried(text: str, forms: tuple[str, ...]) -> datetime:
    for form in forms:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007  the offset comes later
        except ValueError:
            continue
    raise ValueError(text)
