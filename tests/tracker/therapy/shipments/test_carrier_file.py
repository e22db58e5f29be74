"""A carrier's file as its text alone: taken whole, or refused by the line and value that is wrong."""

from __future__ import annotations

import pytest

from schema.errors import InputError
from schema.vocabulary import ShipmentMilestone
from tracker.therapy.shipments.carrier_file import in_order, read_carrier_file

HEADING = "waybill,milestone,at,place,estimated_delivery\r\n"
GOOD = "020-12345675,departed,2026-12-07T23:10:00Z,JFK,2026-12-09T09:30:00+01:00\r\n"


def read(*lines: str) -> tuple[object, ...]:
    """The lines of a file with its heading."""
    return read_carrier_file((HEADING + "".join(lines)).encode())


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (GOOD.rstrip(), 'Line 3, text "020-12345675,departed,2026-12-07T23:10:0": the file ends within it'),
        ("020-12345675,departed,2026-12-07T23:10:00Z,JF", "the file ends within it"),
        ("020-12345675,departed\r\n", "it has 2 values for 5 columns"),
        ("020-12345675,departed,2026-12-07 23:10,JFK,\r\n", 'Line 3, at "2026-12-07 23:10"'),
        ("020-12345675,departed,2026-03-29T02:30:00,FRA,\r\n", 'Line 3, at "2026-03-29T02:30:00"'),
        ("020-12345675,departed,=NOW(),JFK,\r\n", 'Line 3, at "=NOW()"'),
        ("020-12345675,departed,2026-12-07T23:10:00Z,=HYPERLINK(1),\r\n", 'Line 3, place "=HYPERLINK(1)"'),
        ("020-12345675,departed,2026-12-07T23:10:00Z,@sum,\r\n", 'Line 3, place "@sum"'),
        ("020-12345675,departed,2026-12-07T23:10:00Z,JFK,tomorrow\r\n", 'estimated_delivery "tomorrow"'),
        (",departed,2026-12-07T23:10:00Z,JFK,\r\n", "it names no shipment, waybill or SSCC"),
        ('020-12345675,departed,2026-12-07T23:10:00Z,"JFK,\r\n', "Line 3, text"),
    ],
)
def test_logistics_l4_a_line_that_is_wrong_is_named(line: str, said: str) -> None:
    """A file that was cut off, times without an offset, formulas: nothing is skipped or guessed."""
    with pytest.raises(InputError) as found:
        read(GOOD, line)
    assert said in found.value.message


def test_logistics_l4_across_the_ocean_the_order_is_that_of_the_moments() -> None:
    """Written by the clocks of two places on the night they change: the offset says which came first."""
    first = "020-12345675,departed,2026-11-01T01:30:00-04:00,JFK,\r\n"
    second = "020-12345675,arrived,2026-11-01T06:10:00+00:00,LHR,\r\n"
    third = "020-12345675,tendered,2026-11-01T01:30:00-05:00,JFK,\r\n"
    told = [one.milestone for one in in_order(read_carrier_file((HEADING + third + second + first).encode()))]
    assert told == [ShipmentMilestone.DEPARTED, ShipmentMilestone.ARRIVED, ShipmentMilestone.TENDERED]
