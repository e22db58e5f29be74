"""A network in one file: what it asks for, in which order, and what cannot be taken."""

from datetime import UTC, datetime

import pytest

from schema.errors import InputError
from schema.vocabulary import ObjectType
from tracker.network_file import (
    NETWORK_BYTES_MAX,
    Wanted,
    network_example,
    network_of,
    wanted,
)

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)


def requests(text: str) -> list[Wanted]:
    """What a file asks for, its ids drawn in order."""
    drawn = iter(f"L{number}" for number in range(1, 100))

    def new_id(object_type: ObjectType) -> str:
        assert object_type is ObjectType.LOCATION
        return next(drawn)

    return [*wanted(network_of(text.encode()), now=NOW, new_id=new_id)]


def test_the_example_asks_for_each_thing_in_its_order() -> None:
    """Each finds what it names: a site before its departments, a bench before its station."""
    found = requests(network_example())
    assert [one.request for one in found[:14]] == [
        "set_site_days", "add_department", "add_department", "add_location", "set_location_conditions",
        "add_location", "add_location", "set_location_conditions", "add_station", "add_station",
        "add_equipment", "add_equipment", "set_resource",
        "add_site",
    ]  # fmt: skip
    assert found[0].fields["site"] == "PLANT", "which the founding has made"
    tank, kept = found[3].fields, found[4].fields
    assert tank["title"] == "Tank 2" and kept == {"location": tank["location"], "celsius_max": "-150"}
    rack, grid = found[6].fields, found[7].fields
    assert grid == {"location": rack["location"], "celsius_max": "-150", "rows": 5, "columns": 8}
    assert found[9].fields == {
        "new_station": "ROOM-1", "site": "PLANT", "title": "Clean room, left",
        "bench": found[5].fields["location"],
    }  # fmt: skip
    assert found[13].fields["wristband"][0] == {
        "issuer": "CLINIC", "type": "hospital_number", "prefix": "H-", "length": 8,
    }  # fmt: skip


def test_who_is_given_what() -> None:
    """A founder needs no entry of their own; a role that decides over others is signed by both."""
    found = [one for one in requests(network_example()) if one.request not in {"add_location", "add_site"}]
    grants = {one.fields["staff"]: one for one in found if one.request == "grant_role"}
    assert grants["QUAL-1"].is_approved and not grants["NURSE-1"].is_approved
    assert grants["NURSE-1"].fields == {
        "staff": "NURSE-1", "role": "apheresis_nurse", "site": "CLINIC", "training_reference": "TR-1",
        "training_expires_at": "2099-12-31T05:00:00.000Z",
    }  # fmt: skip
    added = [one.fields["staff"] for one in found if one.request == "add_person"]
    badges = [one.fields["staff"] for one in found if one.request == "bind_badge"]
    assert len(added) == 15 and badges == ["ADA-1", "BEN-1", *added]
    assert not any(one.is_approved for one in found if one.request != "grant_role")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('zone = "Europe/London"', 'zonne = "Europe/London"', "sites.3.zonne is no key of a network file"),
        ('site = "CARRIER"\ntitle', 'site = "PLANT"\ntitle', "the site PLANT stands there 2 times"),
        ('site = "CARRIER", training', 'site = "CARIER", training', "COUR-1 has a role at CARIER"),
        ('roles = [{ role = "dock", site = "PLANT", training = "TR-7" }]', "", "DOCK-1 has no role at any"),
        ('staff = "OPER-2"', 'staff = "OPER-1"', "the person OPER-1 stands there 2 times"),
        ('station = "ROOM-1"', 'station = "HUB-1"', "the station HUB-1 stands there 2 times"),
        ('place = "Bench 1"', 'place = "Bench 2"', 'at "Bench 2", which is no place of PLANT'),
        ('zone = "Europe/London"', 'zone = "EST"', '"EST" is no time zone'),
        ('celsius_max = "-150"', 'celsius_max = "-60,5"', "-60,5"),
        (
            'celsius_max = "-150"',
            'celsius_min = "10", celsius_max = "-150"',
            'the place "Tank 2" of PLANT has 10 C as its coldest and -150 C as its warmest',
        ),
        ("hold_hours = 240", "hold_hours = 0", "sites.1.equipment.1.hold_hours"),
        ('"PROGRAM/program_number=P-######"', '"P-######"', "does not say how a wristband number looks"),
        ('training_expires = "2099-12-31"', 'training_expires = "soon"', '"soon"'),
        ('is_founder = true\n\n[[people]]\nstaff = "BEN-1"', '[[people]]\nstaff = "BEN-1"', "1 person has"),
        ('department = "DOCK"', 'department = "QUALITY"', "department QUALITY without being told"),
        ('type = "carrier"', "", "sites.3.type is missing"),
        ('resource = "BED"', 'resource = "CHAIR"', "the resource of CLINIC CHAIR stands there 2 times"),
        ('closes = "13:00"', 'closes = "07:00"', "resource CHAIR of CLINIC begins from 08:00 until 07:00"),
        ('closes = "13:00"', 'closes = "1 pm"', "resources.1.closes"),
        ('lane = "PLANT-CLINIC"', 'lane = "CLINIC-PLANT"', "the lane CLINIC-PLANT stands there 2 times"),
        ('to_site = "PLANT"', 'to_site = "PLAN"', "lane CLINIC-PLANT names PLAN, which is no site"),
        ('to_site = "PLANT"', 'to_site = "CLINIC"', "lane CLINIC-PLANT leads from CLINIC to itself"),
        ('carrier = "CARRIER"', 'carrier = "PLANT"', "is driven by PLANT, which is no carrier"),
        ("picks_up_on = [", 'picks_up_on = ["monday", ', "names a day of the week twice"),
        ("purpose =", "purpose", "it is not TOML in UTF-8"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_before_anything_is_made(old: str, new: str, said: str) -> None:
    """The key or the name at fault, and where a good file is."""
    text = network_example()
    assert old in text
    with pytest.raises(InputError, match="The network file cannot be taken") as refused:
        network_of(text.replace(old, new, 1).encode())
    assert said in refused.value.message and refused.value.code == "bad_network"
    assert "--example" in refused.value.remedy


def test_what_is_no_file_of_ours() -> None:
    """Bytes that are no text, and a file without end."""
    in_latin_1 = network_example().replace("Nora", "N\xf6ra").encode("latin-1")
    for content, said in (
        (b"\xfc\xff", "it is not text in UTF-8 (at line 1)"),
        (in_latin_1, "it is not text in UTF-8 (at line 175)"),
        (b"#" * (NETWORK_BYTES_MAX + 1), "it has more than 1000000 bytes"),
        (b"", "purpose is missing"),
    ):
        with pytest.raises(InputError, match="The network file cannot be taken") as refused:
            network_of(content)
        assert said in refused.value.message


def test_the_line_of_a_name_that_cannot_be() -> None:
    """What no key path leads to is found by the words that are quoted."""
    text = network_example().replace("America/New_York", "America/Gotham")
    line = next(number for number, one in enumerate(text.splitlines(), start=1) if "Gotham" in one)
    with pytest.raises(InputError, match="America/Gotham") as refused:
        network_of(text.encode())
    assert refused.value.message.endswith(f"(at line {line}).")
