"""Files of loggers with a few bytes changed: each is refused with its line, or read as a second reader does.

2,000 of them in `make test`, 100,000 in `make test-long`; the seed is fixed, so a failure comes again.
"""

import io
import random
from fractions import Fraction

import pytest
from hypothesis import settings

from schema.vocabulary import DayOrder
from tests.support.examples import LONG
from tests.support.logger_files import FILES, NOW, LoggerFile
from tests.support.plain_reader import plainly
from tracker.readings.reading import read
from tracker.readings.refusals import BadFile
from tracker.readings.values import PARTS_PER_CELSIUS, Format

MONTH_FIRST = (Format.HOBOWARE, Format.HOBOCONNECT, Format.MADGETECH_4)
BITES = b'0123456789-+.,;:/"\t\n\r \x00\xb0\xff\xe2TZxAPM#'


def order_of(file: LoggerFile) -> DayOrder:
    """In which order a fixture was typed."""
    return DayOrder.MONTH_FIRST if file.file_format in MONTH_FIRST else DayOrder.DAY_FIRST


def mutated(content: bytes, chance: random.Random) -> bytes:
    """The same with one to three small faults, as transfers, editors and spreadsheets make them."""
    found = bytearray(content)
    for _ in range(chance.randint(1, 3)):
        lines = found.splitlines(keepends=True)
        at, line = chance.randrange(len(found)), chance.randrange(len(lines))
        match chance.randrange(8):
            case 0:
                found[at] = chance.choice(BITES)
            case 1:
                found[at] ^= 1 << chance.randrange(8)
            case 2:
                del found[at : at + chance.randint(1, 4)]
            case 3:
                found.insert(at, chance.choice(BITES))
            case 4:
                del lines[line]
                found = bytearray().join(lines)
            case 5:
                lines.insert(chance.randrange(len(lines)), lines[line])
                found = bytearray().join(lines)
            case 6:
                other = chance.randrange(len(lines))
                lines[line], lines[other] = lines[other], lines[line]
                found = bytearray().join(lines)
            case _:
                del found[at:]
        if not found:
            return b""
    return bytes(found)


def each() -> int:
    """How many faulty files are made of each fixture."""
    return (100_000 if settings.get_current_profile_name() == LONG else 2_000) // len(FILES)


def read_of(file: LoggerFile, content: bytes) -> tuple[BadFile | None, dict[int, Fraction]]:
    """The refusal of a file, or degrees Celsius by milliseconds since 1970."""
    try:
        _, readings = read(io.BytesIO(content), file.declared, NOW)
    except BadFile as error:
        return error, {}
    pairs = zip(readings.at, readings.parts, strict=True)
    return None, {at: Fraction(parts, PARTS_PER_CELSIUS) for at, parts in pairs}


@pytest.mark.parametrize("name", FILES)
def test_a_faulty_file_is_refused_by_line_or_read_as_a_second_reader_does(name: str) -> None:
    file, taken, refused = FILES[name], 0, 0
    for number in range(each()):
        content = mutated(file.content, random.Random(f"{name} {number}"))
        error, ours = read_of(file, content)
        if error is not None:
            assert error.line >= 1, (number, content)
            assert f"Line {error.line}: " in error.message
            refused += 1
            continue
        taken += 1
        assert ours == plainly(file, content, order_of(file)), (number, content)
    assert taken, "nothing was read"
    assert refused > taken / 10
