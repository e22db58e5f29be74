"""What is read of the files of each logger, and what is refused, with its line and value."""

import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from schema.vocabulary import DayOrder, KnownFrom, TemperatureUnit
from tests.support import logger_files as files
from tests.support.logger_files import FILES, NOW, LoggerFile
from tracker.readings import text
from tracker.readings.reading import read
from tracker.readings.refusals import BadFile
from tracker.readings.values import Declared, Format, Series

GENERIC = FILES["generic"]


def taken(file: LoggerFile) -> Series:
    """What is read of a fixture."""
    return read(io.BytesIO(file.content), file.declared, NOW)[1]


def of(content: str, declared: Declared | None = None, encoding: str = "utf-8") -> Series:
    """What is read of a text."""
    return read(io.BytesIO(content.encode(encoding)), declared or Declared(), NOW)[1]


def refused(content: str, declared: Declared | None = None) -> BadFile:
    """Why a text is refused."""
    with pytest.raises(BadFile) as caught:
        of(content, declared)
    assert caught.value.exit_code == 2
    return caught.value


def points(readings: Series) -> list[tuple[str, str]]:
    """Each reading as its time in UTC and degrees Celsius."""
    return [(f"{at:%d %H:%M:%S}", f"{celsius:.4f}") for at, celsius in readings.points()]


# Format, serial number, first and last reading, lowest, highest, and how far apart they are.
READ = {
    "hoboware": ("10440192", "29 04:40", "29 05:20", "-184.7", "-149", 10),
    "hoboware-utc": ("10755999", "02 18:00", "04 00:00", "4.24", "7.67", 60),
    "hoboware-semicolon": ("9724002", "30 01:00", "30 01:20", "4.5", "5.5", 10),
    "hoboware-tab": ("9724001", "29 18:00", "29 18:20", "4.1", "4.3", 10),
    "hoboconnect": ("22058000", "25 18:30", "25 19:00", "3.93", "5", 10),
    "madgetech-2": ("N49213", "28 11:00", "28 11:30", "-189.4", "-149.99", 10),
    "madgetech-4": ("N51007", "20 13:00", "20 13:30", "-190.2", "-188.7", 10),
    "q-tag": ("RCPJ99001", "08 21:29", "08 22:19", "2.1", "19", 10),
    "fridge-tag": ("130500990001", "08 00:05", "08 06:15", "2", "8.4", 5),
    "logtag": ("A0200017731", "03 07:00", "03 07:15", "4.1", "9", 5),
    "lascar": ("99010447", "03 08:00", "03 08:30", "4", "5", 10),
    "el-usb": ("010099416", "30 11:00", "30 11:30", "4.5", "8.5", 10),
    "generic": ("4411", "28 03:40", "28 04:30", "-184.2", "-128", 10),
    "generic-local": ("4411", "27 22:10", "27 22:30", "-190.28", "-149.94", 10),
}


@pytest.mark.parametrize("name", FILES)
def test_what_is_read_of_each_logger(name: str) -> None:
    found = taken(FILES[name])

    assert found.file_format is FILES[name].file_format
    assert READ[name] == (
        found.serial,
        f"{found.first_at:%d %H:%M}",
        f"{found.last_at:%d %H:%M}",
        found.lowest,
        found.highest,
        found.interval // timedelta(minutes=1),
    )


def test_logistics_c7_the_same_readings_in_every_encoding_and_with_either_decimal_sign() -> None:
    american = files.HOBOWARE_SEMICOLON.replace('"Temp, °F"', '"Temp, °C"')
    german = of(american, Declared(serial="1"))
    english = of(
        american.replace(",1;", ".1;").replace(",36;", ".36;").replace(",9;", ".9;"), Declared(serial="1")
    )
    windows = of(american.replace("\n", "\r\n"), Declared(serial="1"), "cp1252")
    marked = of(american, Declared(serial="1"), "utf-8-sig")
    wide = of(american, Declared(serial="1"), "utf-16")

    assert points(german) == [
        ("30 01:00:00", "40.1000"),
        ("30 01:10:00", "41.3600"),
        ("30 01:20:00", "41.9000"),
    ]
    assert [points(one) for one in (english, windows, marked, wide)] == [points(german)] * 4


def test_logistics_c8_newest_first_is_turned_round_and_what_is_said_twice_counts_once() -> None:
    head = "serial,1\ntime,celsius\n"
    lines = ["2026-11-28T03:40:00Z,-184.2", "2026-11-28T03:50:00Z,-183.9", "2026-11-28T04:00:00Z,-183"]
    newest = of(head + "\n".join([*reversed(lines), ""]))
    twice = of(head + "\n".join([lines[0], lines[1], lines[1], lines[2], ""]))

    assert points(newest) == points(of(head + "\n".join([*lines, ""])))
    assert (len(twice), twice.repeated) == (3, 1)


def test_logistics_c8_two_temperatures_at_one_time_refuse_the_file_by_both_lines() -> None:
    error = refused("serial,1\ntime,celsius\n2026-11-28T03:40:00Z,-184.2\n2026-11-28T03:40:00Z,-184.3\n")

    assert error.message == 'Line 4: "2026-11-28 03:40:00 UTC" has another temperature on line 3.'


def test_times_that_go_back_are_two_files_or_a_clock_that_was_set() -> None:
    lines = ["2026-11-28T03:40:00Z,-184.2", "2026-11-28T03:50:00Z,-184", "2026-11-28T03:45:00Z,-184"]
    error = refused("serial,1\ntime,celsius\n" + "\n".join([*lines, ""]))

    assert error.line == 5
    assert "out of order beside 2026-11-28 03:50:00 UTC on line 4" in error.message


def test_logistics_c9_a_reading_of_a_time_to_come_refuses_the_file() -> None:
    error = refused(files.GENERIC.replace("2026-11-28T04:30:00Z", "2031-01-01T00:00:00Z"))

    assert error.message == 'Line 9: "2031-01-01 00:00 UTC" is still to come: the logger\'s clock was wrong.'


@pytest.mark.parametrize("day", ["1970-01-01", "2201-01-01", "2026-02-30"])
def test_a_day_that_cannot_be_meant_is_refused_by_its_line(day: str) -> None:
    error = refused(files.GENERIC.replace("2026-11-28T04:30:00Z", f"{day}T04:30:00Z"))

    assert (error.line, error.value) == (9, day)


def test_logistics_c5_a_file_that_does_not_say_by_which_clock_asks_for_it() -> None:
    error = refused(files.HOBOCONNECT, Declared(serial="22058000"))
    there = of(files.HOBOCONNECT, Declared(offset=timedelta(hours=-3), serial="22058000"))

    assert error.message == 'Line 1: "HOBOconnect" does not say by which clock its times are.'
    assert "--zone" in error.remedy
    assert (there.clock, there.offset) == (KnownFrom.DECLARED, timedelta(hours=-3))


def test_logistics_c5_another_clock_than_the_file_says_is_refused() -> None:
    error = refused(files.HOBOWARE, Declared(offset=timedelta(hours=-4)))

    assert error.message == 'Line 2: "-05:00" is what the file says, and -04:00 was given.'


def test_an_offset_beside_utc_of_madgetech_2_is_not_interpreted() -> None:
    utc = files.MADGETECH_2.replace("TZUTC-050000|STANDARD|EST", "TZUTC+000000|STANDARD|UTC")

    assert refused(files.MADGETECH_2).code == "zone_unknown_in_file"
    assert f"{of(utc).first_at:%H:%M}" == "06:00"


def test_logistics_c6_a_file_without_its_unit_asks_for_it() -> None:
    without = files.HOBOWARE_SEMICOLON.replace('"Temp, °F"', '"Temp"')
    error = refused(without, Declared(serial="1"))

    assert error.code == "unit_unknown"
    assert "--unit celsius or --unit fahrenheit" in error.remedy
    assert of(without, Declared(serial="1", unit=TemperatureUnit.FAHRENHEIT)).highest == "5.5"
    assert refused(files.HOBOWARE, Declared(unit=TemperatureUnit.CELSIUS)).code == "unit_differs"


def test_logistics_c12_fahrenheit_is_exact() -> None:
    found = taken(FILES["generic-local"])

    assert next(celsius for _, celsius in found.points()) == Decimal(-150)
    assert points(found)[1:] == [("27 22:20:00", "-149.9444"), ("27 22:30:00", "-190.2778")]


def test_a_file_without_its_logger_asks_for_it_and_one_of_two_loggers_is_refused() -> None:
    two = files.HOBOWARE.replace("Host Connected (LGR S/N: 10440192)", "Host Connected (LGR S/N: 10440193)")

    assert refused(files.HOBOCONNECT, Declared(offset=timedelta())).code == "serial_unknown"
    assert refused(two).message == 'Line 2: "10440192 and 10440193" are two loggers: a file is of one.'
    assert refused(files.HOBOWARE, Declared(serial="1")).code == "serial_differs"


def test_of_two_probes_somebody_says_which_was_in_the_box() -> None:
    error = refused(files.HOBOWARE_TAB, Declared(offset=timedelta()))
    second = of(files.HOBOWARE_TAB, Declared(offset=timedelta(), channel=3))

    assert error.code == "channel_unknown"
    assert "2 Temp (°C)  #9724001; 3" in error.message
    assert second.highest == "21.6"


def test_a_day_that_may_be_two_asks_which_is_meant() -> None:
    early = files.EL_USB.replace("30/09/2026", "05/09/2026")
    error = refused(early, Declared(offset=timedelta()))
    said = of(early, Declared(offset=timedelta(), days=DayOrder.DAY_FIRST))

    assert error.message == 'Line 2: "05/09/2026" may be two days: the month first, or the day first.'
    assert "--dates month_first or --dates day_first" in error.remedy
    assert f"{said.first_at:%Y-%m-%d}" == "2026-09-05"


def test_days_that_follow_upon_each_other_tell_the_order() -> None:
    lines = "".join(f"{number},0{number}/09/2026 11:00:00,4.5\n" for number in range(1, 5))
    found = of(f"cold room,Time,Celsius(°C),Serial Number\n{lines}", Declared(timedelta(), serial="1"))

    assert f"{found.first_at:%m-%d} {found.last_at:%m-%d}" == "09-01 09-04"


def test_a_fridge_tag_without_single_readings_cannot_be_judged() -> None:
    error = refused(files.FRIDGE_TAG_WITHOUT_READINGS, Declared(offset=timedelta()))

    assert error.code == "no_readings"
    assert "keeps no single readings" in error.message


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("Trip Number,9\nTempTale 4,T4-55012345\n1,2026-01-01,4\n", "TempTale"),
        ("LIBERO CS;1\nT [°C];4,2\n", "LIBERO"),
        ("Model: Elitech RC-5\nNo.,Time,Temperature(°C)\n", "Elitech"),
        ("Vaisala vLog\nDate/Time,Temperature (°C)\n", "Vaisala vLog"),
    ],
)
def test_a_program_of_which_no_genuine_file_was_seen_is_refused_by_name(content: str, name: str) -> None:
    error = refused(content)

    assert error.message == f'Line 1: "{name}" is not read: no genuine file of it was seen.'


@pytest.mark.parametrize("content", ["PK\x03\x04 sheet", "%PDF-1.7\n", "a note\n", ""])
def test_what_is_no_file_of_a_logger_is_refused(content: str) -> None:
    assert refused(content).line == 1


CUT = {
    "hoboware": files.HOBOWARE.rpartition("7,11/29")[0],
    "madgetech-2": files.MADGETECH_2.replace('"[End Reading]"\n', ""),
    "q-tag": files.Q_TAG.partition("Sig:")[0],
    "logtag": files.LOGTAG[:-1],
    "generic": files.GENERIC[:-3],
}


@pytest.mark.parametrize("name", CUT)
def test_a_file_whose_end_is_missing_is_refused(name: str) -> None:
    assert refused(CUT[name], FILES[name].declared).code == "cut_off"


WRONG = {
    "no number": ("-183.9", "ERR", 5, "ERR"),
    "two decimal signs": ("-183.9", '"-183,9"', 5, "-183,9"),
    "another sign of minus": ("-183.9", "\u2212183.9", 5, "\u2212183.9"),
    "an exponent": ("-183.9", "-1.8e2", 5, "-1.8e2"),
    "impossible": ("-183.9", "-273.2", 5, "-273.2"),
    "nothing": ("-183.9", "", 5, "2026-11-28T03:50:00Z,"),
    "a cell too many": ("-183.9", "-183.9,1", 5, "2026-11-28T03:50:00Z,-183.9,1"),
    "no time": ("T03:50:00Z", "T24:50:00Z", 5, "24:50:00Z"),
    "a time without its clock": ("T03:50:00Z", "T03:50:00", 5, "03:50:00"),
    "a quotation mark that never ends": ("-183.9", '"-183.9', 5, "unexpected end of data"),
}


@pytest.mark.parametrize("why", WRONG)
def test_one_line_that_cannot_be_read_refuses_the_whole_file(why: str) -> None:
    old, new, line, value = WRONG[why]
    error = refused(files.GENERIC.replace(old, new))

    assert (error.line, error.value) == (line, value)


def test_a_status_that_is_not_known_refuses_the_file() -> None:
    error = refused(files.MADGETECH_2.replace('"-189.1","0"', '"-189.1","16"'), FILES["madgetech-2"].declared)

    assert error.message == 'Line 16: "16" is a status that cartrail does not know.'


def test_the_number_of_readings_that_the_file_states_holds() -> None:
    error = refused(files.MADGETECH_2.replace('"Series","4"', '"Series","5"'), FILES["madgetech-2"].declared)

    assert "its head says 5" in error.message


def test_a_name_in_the_title_of_a_plot_is_nowhere_in_what_is_read_or_refused() -> None:
    named = files.HOBOWARE.replace("dewar four", "Doe, Jane")

    assert "Doe" not in repr(of(named))
    assert "Doe" not in refused(named.replace("Date Time", "When")).message


def test_logistics_c13_a_file_too_large_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "FILE_BYTES_MAX", 200)
    error = refused(files.GENERIC)

    assert error.code == "logger_file_too_large"


def test_the_bytes_are_told_by_their_digest() -> None:
    content, _ = read(io.BytesIO(b"serial,1\ntime,celsius\n2026-11-28T03:40:00Z,-184.2\n"), Declared(), NOW)

    assert (content.size, content.encoding) == (50, "utf-8")
    assert content.sha256 == "e106e9ec1feadbe2acb12442d8e63665411bad016921cd9780c5acee3a99f7b3"


def test_one_reading_has_no_interval() -> None:
    found = of("serial,1\ntime,celsius\n2026-11-28T03:40:00Z,-184.2\n")

    assert (found.interval, found.mean) == (timedelta(), "-184.2")
    assert found.first_at == datetime(2026, 11, 28, 3, 40, tzinfo=UTC)
    assert found.file_format is Format.GENERIC


def test_a_byte_that_is_no_text_is_named_by_its_line() -> None:
    """A transfer that filled up a record with NUL, in the third line of the file."""
    found = refused("serial,4411\ntime,celsius\n2026-11-28T03:40:00Z,-18\x004.2\n")
    assert found.line == 3 and "is no text in an encoding that the file names" in found.message
    assert refused("s\x00e\x00r\x00").line == 1
    marked = refused("\ufeffserial,4411\ntime,celsius\n2026-11-28T03:40:00Z,-18\x004.2\n")
    assert marked.line == 3 and "\x00" not in marked.message
