"""Sets that rules decide by, written out a second time."""

from tracker.rules import selection, typed_codes
from tracker.rules.situation import Found
from tracker.therapy.adoption import decisions as adoption


def test_who_takes_in_a_manifest() -> None:
    """Those who receive material, and quality; nobody who only reads, administers or carries."""
    assert {role.value for role in adoption.RECEIVERS} == {
        "apheresis_nurse", "cell_lab_technician", "clinician", "coordinator", "manufacturing_operator",
        "pharmacist", "quality",
    }  # fmt: skip


def test_what_is_not_compared_where_it_is_typed() -> None:
    """A seal is compared by who has it in the hand next."""
    assert {"seal", "new_seal"} == typed_codes.SEAL_FIELDS


def test_whose_text_belongs_to_the_event() -> None:
    """Seals and a donation number are declared by who records; any other text is looked up."""
    assert {"seal", "new_seal", "din"} == selection._CLEAR_FIELDS


def test_codes_that_name_no_patients_cells() -> None:
    """Boxes, places, loggers, shipments and badges are used by many therapies."""
    assert {Found.BOX, Found.LOCATION, Found.DATA_LOGGER, Found.SHIPMENT, Found.BADGE} == selection._SHARED
