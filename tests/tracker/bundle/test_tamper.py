"""Nothing in a bundle can change unseen: flips at seeded places, judged by the one verifier."""

import pytest

from tests.support.bundles import opened_hall
from tests.support.demos import coi_of, copied
from tests.support.examples import examples
from tests.support.tamper import caught, every_byte_of_an_entry, flips
from tracker.demo.run import DemoResult


@pytest.fixture(scope="module")
def bundles(demo_result: DemoResult, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A bundle of a therapy just enrolled, one of a therapy on its way, and one of everything."""
    hall = opened_hall(copied(demo_result, tmp_path_factory.mktemp("tamper") / "demo"))
    outcomes = {"enrolled": "just enrolled", "moving": "in transit to manufacturing"}
    made = {name: hall.export(name, coi_of(hall.demo, outcome)) for name, outcome in outcomes.items()}
    made["all"] = hall.export("all")
    hall.tracker.close()
    return made


@pytest.mark.parametrize(("name", "most"), [("enrolled", 1_000), ("moving", 400), ("all", 100)])
def test_a_flipped_bit_is_seen(bundles: dict[str, bytes], name: str, most: int) -> None:
    """Whatever byte outside the reading files changes, the bundle is rejected."""
    count = examples(most)
    assert caught(bundles[name], flips(bundles[name], count)).total() == count


def test_bytes_of_an_entry(bundles: dict[str, bytes]) -> None:
    """Every sixteenth byte of one entry; `make tamper` takes every one."""
    wanted = list(every_byte_of_an_entry(bundles["enrolled"], "entries.ndjson", 0))[::16]
    assert caught(bundles["enrolled"], wanted).total() == len(wanted)
