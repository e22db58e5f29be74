"""Each case of shipments and condition has a test that is named after it."""

import re

from tests.support.places import ROOT

CASES = {*(f"s{number}" for number in range(1, 9)), *(f"c{number}" for number in range(1, 15))}
"""S1 to S8 of shipments and C1 to C14 of condition."""


def test_every_case_of_shipments_and_condition_has_its_test() -> None:
    """Neither a case without a test, nor a test of a case that is none."""
    named = re.compile(r"def test_\w*?logistics_([sc]\d+)_")
    found = {case for path in (ROOT / "tests").rglob("test_*.py") for case in named.findall(path.read_text())}
    assert found == CASES
