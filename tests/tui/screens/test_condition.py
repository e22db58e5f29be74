"""Condition at the terminal: one number where the box shows one, STOP at its own field, no PIN shown."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

from labels.keyed import in_groups
from schema.events.custody import Accepted, Refused, Relinquished
from schema.vocabulary import Fault, InspectionResult, ReadMode
from tests.support import journeys
from tests.support.front_desk import Desk, desk_at
from tests.tui.screens.test_courier import handing_over_product, on_board, product_packed
from tests.tui.screens.test_journey import fit_logger
from tests.tui.screens.test_rack import cassette, open_rack
from tests.tui.screens.test_screens import events_of, kinds
from tracker.demo import stages
from tracker.demo.journey import Journey
from tui.framing import RawScan
from tui.looking import Offer
from tui.screens.form import FormScreen
from tui.screens.home import HomeScreen
from tui.screens.rack.tally import PUT_AWAY
from tui.screens.sign import SignScreen
from tui.screens.stop import StopScreen
from tui.shown_codes import grouped


def product_in_a_box_with_display(desk: Desk) -> tuple[Journey, str, str]:
    """Two released bags, packed at the manufacturer into a shipper that shows its temperature."""
    return product_packed(desk, "Dry shipper 6")


async def test_logistics_s6_four_scans_and_one_number(tmp_path: Path) -> None:
    """Box, seal, the number once, ALL-IN-ORDER, PIN, badge, password; the receiver signs the same number."""
    async with desk_at("MFG-1", tmp_path) as desk:
        journey, box, seal = product_in_a_box_with_display(desk)
        await desk.sign_in("OPER-1")
        desk.scans = desk.keys = 0
        await desk.see(box)
        await desk.scan(seal)
        assert "Display in C" in desk.screen
        await desk.type("-184.2")
        await desk.command("ALL-IN-ORDER")
        said = " ".join(desk.screen.split())
        assert "-184.2 C, allowed at or below -150 C" in said and "out_of_band" not in said
        await desk.pin("OPER-1")
        await desk.scan(desk.badge("COUR-X1"))
        await desk.type(desk.network.password("COUR-X1"))
        assert kinds(desk, journey.coi)[-2:] == ["relinquished", "accepted"], desk.told
        assert desk.scans == 4
        assert desk.keys == len("-184.2") + len("123456") + len(desk.network.password("COUR-X1")) + 3
        given, taken = (one.entry.statement.payload for one in events_of(desk, journey.coi)[-2:])
        assert isinstance(given, Relinquished) and given.display_celsius == "-184.2"
        assert isinstance(taken, Accepted) and taken.display_celsius == "-184.2"


async def test_findings_a1_a_warm_display_stops_at_its_own_field(tmp_path: Path) -> None:
    """-60 C is STOP as it is typed, with what the label says; nothing is recorded and the field waits."""
    async with desk_at("MFG-1", tmp_path) as desk:
        journey, box, seal = product_in_a_box_with_display(desk)
        await desk.sign_in("OPER-1")
        before = kinds(desk, journey.coi)
        await desk.see(box)
        await desk.scan(seal)
        await desk.type("-60")
        assert isinstance(desk.app.screen, StopScreen), desk.told
        assert "at or below -150 C" in desk.screen and "-60 C" in desk.screen
        assert "NOT-" in desk.screen and kinds(desk, journey.coi) == before
        await desk.press("f3")
        assert "Display in C" in desk.screen
        await desk.type("-184.2")
        assert not isinstance(desk.app.screen, StopScreen), desk.told


def in_one_line(desk: Desk) -> str:
    """What stands in the panes, without their borders and line ends."""
    return " ".join(desk.screen.replace("│", " ").split())


async def at_the_door(desk: Desk) -> tuple[Journey, str]:
    """The dock is signed in, the courier is not; box and seal are read, and the display was turned down."""
    journey, box, seal = product_in_a_box_with_display(desk)
    stages.hand_box(journey, "OPER-1", "COUR-X1", "MFG-1", box, seal)
    await desk.sign_in("DOCK-A")
    await desk.see(box)
    await desk.scan(seal)
    await desk.type("21")
    assert isinstance(desk.app.screen, StopScreen), desk.told
    await desk.press("f3")
    return journey, seal


async def courier_gives(desk: Desk) -> None:
    """The giver's half by badge and password, then the receiver's PIN."""
    await desk.scan(desk.badge("COUR-X1"))
    await desk.type(desk.network.password("COUR-X1"))
    await desk.pin("DOCK-A")


async def test_findings_a1_not_in_order_at_the_givers_badge_keeps_what_was_read(tmp_path: Path) -> None:
    """NOT-IN-ORDER where the giver's badge is asked: box, seal and display stay, and it is refused."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        journey, box, seal = product_in_a_box_with_display(desk)
        stages.hand_box(journey, "OPER-1", "COUR-X1", "MFG-1", box, seal)
        await desk.sign_in("DOCK-A")
        await desk.see(box)
        await desk.scan(seal)
        await desk.type("-184.2")
        await desk.command("ALL-IN-ORDER")
        assert "Giver: scan your badge" in desk.screen
        await desk.scan("NOT-IN-ORDER")
        for row in (in_groups(box), seal, "-184.2"):
            assert row in desk.screen, row
        await desk.pick("Display")
        await desk.type("-120")
        await desk.pick("Nothing else")
        await desk.pick("Refuse it")
        await courier_gives(desk)
        handed = [one for one in kinds(desk, journey.coi) if one in ("relinquished", "accepted", "refused")]
        assert handed[-3:] == ["accepted", "relinquished", "refused"], desk.told
        payload = next(
            one.entry.statement.payload
            for one in reversed(events_of(desk, journey.coi))
            if isinstance(one.entry.statement.payload, Refused)
        )
        assert (payload.faults, payload.display_celsius) == ((Fault.DISPLAY,), "-120")


async def test_findings_a1_a_warm_display_typed_twice_is_never_in_order(tmp_path: Path) -> None:
    """Typed twice it is taken; ALL-IN-ORDER is then STOP at once, and NOT-IN-ORDER leads through."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        journey, _ = await at_the_door(desk)
        await desk.type("21")
        assert "CHECK" in desk.told and "21 is taken as what was seen: not in order." in desk.told
        assert "■ display" in desk.screen and "21 C" in desk.screen
        await desk.command("ALL-IN-ORDER")
        assert isinstance(desk.app.screen, StopScreen), desk.told
        assert "The display shows 21 C: that is not in order." in desk.screen
        await desk.press("f3")
        await desk.command("NOT-IN-ORDER")
        assert "What else is wrong" in desk.screen, desk.told
        await desk.pick("Nothing else")
        await desk.pick("Take it over")
        await courier_gives(desk)
        assert "accepted" in kinds(desk, journey.coi)[-6:], desk.told
        assert all(journey.state.units[one].quarantined for one in journey.products)


async def test_findings_a1_not_in_order_at_the_display_takes_what_was_typed(tmp_path: Path) -> None:
    """NOT-IN-ORDER after the STOP: the number is what the display shows, and it is what is wrong."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        journey, _ = await at_the_door(desk)
        await desk.scan("not in order")
        assert "What else is wrong" in desk.screen, desk.told
        await desk.pick("Nothing else")
        await desk.pick("Refuse it")
        await courier_gives(desk)
        payload = next(
            one.entry.statement.payload
            for one in reversed(events_of(desk, journey.coi))
            if isinstance(one.entry.statement.payload, Refused)
        )
        assert (payload.faults, payload.display_celsius) == ((Fault.DISPLAY,), "21")


async def test_findings_a1_the_receiver_finds_it_warm_after_the_giver_has_signed(tmp_path: Path) -> None:
    """NOT-IN-ORDER at the receiver's badge: box and seal stay on the screen, the display is asked anew."""
    async with desk_at("MFG-1", tmp_path) as desk:
        journey, box, seal = product_in_a_box_with_display(desk)
        await desk.sign_in("OPER-1")
        await desk.see(box)
        await desk.scan(seal)
        await desk.type("-184.2")
        await desk.command("ALL-IN-ORDER")
        await desk.pin("OPER-1")
        await desk.command("NOT-IN-ORDER")
        assert in_groups(box) in desk.screen and seal in desk.screen
        await desk.pick("Display")
        await desk.type("-120")
        await desk.pick("Nothing else")
        await desk.pick("Refuse it")
        await desk.scan(desk.badge("COUR-X1"))
        await desk.type(desk.network.password("COUR-X1"))
        said = [one.entry.statement.payload for one in events_of(desk, journey.coi)]
        (given,) = [one for one in said[-5:] if isinstance(one, Relinquished)]
        (refused,) = [one for one in said[-5:] if isinstance(one, Refused)]
        assert (given.display_celsius, refused.display_celsius) == ("-184.2", "-120"), desk.told


async def test_findings_a1_a_warm_shipper_is_not_packed(tmp_path: Path) -> None:
    """When packing, the same number twice is not taken: another shipper, or quality."""
    async with desk_at("MFG-1", tmp_path) as desk:
        journey, box, seal = on_board(desk)
        stages.receive_at_manufacturer(journey, box, seal)
        journeys.manufacture(journey)
        journeys.release(journey)
        shipper = desk.network.boxes["Dry shipper 6"]
        journey.retrieve("OPER-1", "MFG-1", tuple(journey.products))
        stages.charge(journey, "OPER-1", "MFG-1", shipper)
        await desk.sign_in("OPER-1")
        first, second = (journey.cassettes[one] for one in journey.products)
        await desk.see(first)
        await desk.choose("Pack and seal")
        await desk.see(shipper)
        await desk.see(second)
        await desk.command("DONE")
        await desk.type("2")
        await desk.scan("SEAL-7781")
        await desk.see(fit_logger(desk))
        await desk.pick("Polar Courier")
        await desk.pick("Harborview Hospital")
        for _ in range(2):
            await desk.type("21")
            assert isinstance(desk.app.screen, StopScreen), desk.told
            assert "take another shipper, or call quality" in " ".join(desk.screen.split())
            assert "NOT-IN-ORDER" not in desk.screen
            await desk.press("f3")


async def test_findings_a15_a_pin_typed_one_field_early_is_neither_taken_nor_shown(tmp_path: Path) -> None:
    """Six digits are no temperature, and they do not stand on the screen."""
    async with desk_at("MFG-1", tmp_path) as desk:
        _, box, seal = product_in_a_box_with_display(desk)
        await desk.sign_in("OPER-1")
        await desk.see(box)
        await desk.scan(seal)
        await desk.type("375149")
        assert desk.told.startswith("CHECK") and "6 digits are no temperature" in desk.told
        assert "375149" not in desk.screen and "375149" not in desk.told
        for said in ("ALL-IN-ORDER", "all in order"):
            await desk.type(said)
            assert desk.told.startswith("CHECK: ALL-IN-ORDER comes later: first display in C."), desk.told


async def test_findings_a15_a_password_typed_at_a_list_is_not_shown(tmp_path: Path) -> None:
    """Only a number of up to three digits is said back; anything else may be a password."""
    async with desk_at("MFG-1", tmp_path) as desk:
        _, box, seal = product_in_a_box_with_display(desk)
        await desk.sign_in("OPER-1")
        await desk.see(box)
        await desk.type("horse staple pen one")
        assert "staple" not in desk.screen.lower() and "staple" not in desk.told.lower()
        await desk.press("f3")
        await desk.scan(seal)
        await desk.type("horse staple pen one")
        assert "That is no number." in desk.told and "staple" not in desk.screen
        await desk.type("-184.2")
        await desk.type("horse staple pen one")
        assert "That is no line of this list." in desk.told and "staple" not in desk.screen
        await desk.type("375149")
        assert "That is no line of this list." in desk.told and "375149" not in desk.screen
        assert "No PIN, staff id or password is asked before one is chosen." in desk.told
        await desk.type("9")
        assert "There is no line 9 to choose." in desk.told


async def test_findings_f7_the_words_of_a_line_choose_it(tmp_path: Path) -> None:
    """The command beside a line, in capitals or small letters, and the line's own words are that line."""
    async with desk_at("MFG-1", tmp_path) as desk:
        _, box, seal = product_in_a_box_with_display(desk)
        await desk.sign_in("OPER-1")
        for typed in ("ALL-IN-ORDER", "all-in-order", "all  in order"):
            await desk.see(box)
            await desk.scan(seal)
            await desk.type("-184.2")
            await desk.type(typed)
            assert isinstance(desk.app.screen, SignScreen), desk.told
            await desk.press("escape", "escape")


async def test_findings_f7_what_was_typed_after_a_refused_line_is_no_line(tmp_path: Path) -> None:
    """Line 1 is not taken where a wrong word was typed before it in one go; and that is said."""
    async with desk_at("MFG-1", tmp_path) as desk:
        _, box, seal = product_in_a_box_with_display(desk)
        await desk.sign_in("OPER-1")
        await desk.see(box)
        await desk.scan(seal)
        await desk.type("-184.2")
        form = desk.app.screen
        assert isinstance(form, FormScreen)
        ahead = RawScan("1", ReadMode.MANUAL, monotonic(), 1)
        await desk.type("good")
        assert ahead.began < form.scans_from
        form.scan_discarded(ahead)
        await desk.pilot.pause()
        assert "That is no line of this list." in desk.told
        assert "What was typed after it was thrown away." in desk.told
        assert desk.app.screen is form
        await desk.type("1")
        assert isinstance(desk.app.screen, SignScreen)


async def test_findings_a8_the_wrong_place_is_said_at_the_rack(tmp_path: Path) -> None:
    """The rack judges as its act will: frozen cells are not counted into a refrigerator."""
    async with desk_at("MFG-1", tmp_path) as desk:
        journey, box, seal = on_board(desk)
        stages.to_production(journey, box, seal)
        journey.inspect("OPER-1", "MFG-1", box, InspectionResult.ACCEPT, (journey.bag,))
        await desk.sign_in("OPER-1")
        screen = await open_rack(desk, PUT_AWAY)
        await desk.see(desk.network.refrigerators["MFG-1"])
        await desk.see(cassette(journey))
        assert isinstance(desk.app.screen, StopScreen), desk.told
        assert "Refrigerator 7 keeps 2 to 8 C" in desk.screen
        assert "at or below -150 C" in desk.screen
        assert "Refrigerator 7: 2 to 8 C" in desk.screen
        await desk.press("f3")
        assert screen.rack is not None and not screen.rack.taken


async def test_findings_a1_the_receiver_confirms_the_display_that_the_giver_read(tmp_path: Path) -> None:
    """Given the giver's half open, its value stands at the third cell and ALL-IN-ORDER confirms it."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        journey, box, seal = product_in_a_box_with_display(desk)
        stages.hand_box(journey, "OPER-1", "COUR-X1", "MFG-1", box, seal)
        stages.relinquish_box(journey, "COUR-X1", "TREAT-A", box, seal)
        await desk.sign_in("DOCK-A")
        await desk.see(box)
        await desk.scan(seal)
        given = events_of(desk, journey.coi)[-1].entry.statement.payload
        assert isinstance(given, Relinquished) and given.display_celsius is not None
        assert f"giver: {given.display_celsius} C" in desk.screen
        await desk.command("ALL-IN-ORDER")
        await desk.pin("DOCK-A")
        taken = events_of(desk, journey.coi)[-1].entry.statement.payload
        assert isinstance(taken, Accepted) and taken.display_celsius == given.display_celsius, desk.told


async def test_findings_f6_the_giver_signs_elsewhere_while_the_receiver_reads(tmp_path: Path) -> None:
    """At the giver's badge the terminal knows that the half is signed, and goes on with what was read."""
    async with desk_at("TREAT-A", tmp_path) as desk:
        journey, box, seal = product_in_a_box_with_display(desk)
        stages.hand_box(journey, "OPER-1", "COUR-X1", "MFG-1", box, seal)
        await desk.sign_in("DOCK-A")
        await desk.see(box)
        await desk.scan(seal)
        await desk.type("-183.9")
        await desk.command("ALL-IN-ORDER")
        assert "Giver: scan your badge" in desk.screen
        stages.relinquish_box(journey, "COUR-X1", "TREAT-A", box, seal)
        await desk.scan(desk.badge("COUR-X1"))
        assert isinstance(desk.app.screen, SignScreen), desk.told
        await desk.pin("DOCK-A")
        assert kinds(desk, journey.coi)[-2:] == ["relinquished", "accepted"], desk.told
        taken = events_of(desk, journey.coi)[-1].entry.statement.payload
        assert isinstance(taken, Accepted) and taken.display_celsius == "-183.9"


async def test_findings_f6_one_giver_at_two_terminals_signs_once(tmp_path: Path) -> None:
    """Given all read here, when the giver's half is signed elsewhere, then the receiver's badge is next."""
    async with desk_at("MFG-1", tmp_path) as desk:
        journey, box, seal = product_in_a_box_with_display(desk)
        await desk.sign_in("OPER-1")
        await desk.see(box)
        await desk.scan(seal)
        await desk.type("-184.2")
        await desk.command("ALL-IN-ORDER")
        assert isinstance(desk.app.screen, SignScreen), desk.told
        stages.relinquish_box(journey, "OPER-1", "MFG-1", box, seal)
        await desk.pin("OPER-1")
        assert "Receiver: scan your badge" in desk.screen, desk.screen
        await desk.scan(desk.badge("COUR-X1"))
        await desk.type(desk.network.password("COUR-X1"))
        assert kinds(desk, journey.coi)[-2:] == ["relinquished", "accepted"], desk.told


async def test_findings_a12_quality_sees_what_a_deviation_is_about_before_signing(tmp_path: Path) -> None:
    """Home names cause and units; the sign screen says what was read, what is allowed and who recorded it."""
    async with desk_at("MFG-1", tmp_path) as desk:
        journey, seal = await handing_over_product(desk, "Dry shipper 6")
        await desk.type("-60")
        await desk.press("f3")
        await desk.press("f11")
        await desk.type("HAPPENED")
        await desk.pick("Somebody with a part")
        await desk.pick("Other")
        await desk.type("the lid stood open for an hour")
        await desk.scan(seal)
        await desk.type("-60")
        await desk.command("ALL-IN-ORDER")
        await desk.pin("OPER-1")
        await desk.second("OPER-2")
        assert kinds(desk, journey.coi)[-3:] == ["relinquished", "deviation_drafted", "quarantined"]
        await desk.press("escape")
        await desk.leave()
        await desk.sign_in("QA-2")
        assert "out of band, Hand over by OPER-1" in in_one_line(desk)
        await desk.see(journey.coi)
        await desk.choose("Assess a deviation")
        assert all(bag in desk.screen for bag in journey.products)
        await desk.type("1")
        await desk.pick("Major")
        await desk.pick("Equipment")
        await desk.pick("No impact")
        for _ in ("units", "capa"):
            await desk.command("DONE")
        await desk.type("The logger shows no more than two minutes.")
        rows = (
            "About           Out of band",
            "Hand over",
            "drafted with what Bela Maplewell (OPER-1) recorded at MFG-1",
            "Display C       -60 C, allowed at or below -150 C",
            "In words        the lid stood open for an hour",
        )
        assert [row for row in rows if row not in desk.screen] == []
        assert all(grouped(bag) in desk.screen for bag in journey.products)
        await desk.pin("QA-2")
        await desk.choose("Close a deviation")
        await desk.type("1")
        for _ in ("capa", "effective_by"):
            await desk.command("DONE")
        assert [row for row in rows if row not in desk.screen] == []
        assert "Major, equipment: no impact, by QA-2" in desk.screen


async def test_findings_a12_the_next_step_of_a_deviation_stands_first(tmp_path: Path) -> None:
    """Chosen from the list it is the first step; nothing is closed before it can be, and it says why."""
    async with desk_at("MFG-1", tmp_path) as desk:
        journey, box, seal = on_board(desk)
        stages.relinquish_box(journey, "COUR-X1", "MFG-1", box, seal)
        await desk.sign_in("DOCK-M")
        await desk.see(box)
        await desk.scan(seal)
        await desk.command("NOT-IN-ORDER")
        await desk.pick("Damage")
        await desk.type("A corner of the lid is cracked.")
        await desk.pick("Nothing else")
        await desk.pick("Take it over")
        await desk.pin("DOCK-M")
        await desk.sign_in("QA-2")
        about = f"damage not in order, Take over by DOCK-M: {grouped(journey.bag)}"
        assert "Assess a deviation" in desk.screen and about in in_one_line(desk)
        await desk.take_line(kind="deviation_assessed")
        steps = {offer.title: offer for offer in offers(desk)}
        assert next(iter(steps)) == "Assess a deviation"
        closing = steps["Close the therapy"].violation
        assert closing is not None and closing.rule == "units_open" and journey.bag in closing.message
        not_yet = steps["Close a deviation"].violation
        assert not_yet is not None and not_yet.rule == "not_assessed"
        await assess(desk, journey, "Quarantine the units")
        await desk.press("escape")
        assert "Assess a deviation" in desk.screen and "Close a deviation" not in desk.screen
        await desk.take_line(kind="deviation_assessed")
        await assess(desk, journey, "No impact")
        await desk.press("escape")
        assert "Close a deviation" in desk.screen and "Assess a deviation" not in desk.screen
        await desk.see(journey.bag)
        lifting = {offer.title: offer for offer in offers(desk)}["Lift the quarantine"]
        assert lifting.possible and journey.state.units[journey.bag].quarantined


def offers(desk: Desk) -> tuple[Offer, ...]:
    """What can be done with the thing on the home screen."""
    screen: object = desk.app.screen
    assert isinstance(screen, HomeScreen) and screen.subject is not None, desk.told
    return screen.subject.offers


async def assess(desk: Desk, journey: Journey, decision: str) -> None:
    """The one deviation of the therapy, as grave, from damage to its container."""
    await desk.choose("Assess a deviation")
    assert "(chosen)" in desk.screen, "from the list, without a card"
    await desk.type("1")
    await desk.pick("Major")
    await desk.pick("Container")
    await desk.pick(decision)
    for _ in ("units", "capa"):
        await desk.command("DONE")
    if decision == "No impact":
        await desk.command("DONE")
        assert "Still needed: Remark" in desk.told, desk.told
        await desk.type("The crack is in the outer lid alone.")
    else:
        await desk.command("DONE")
    await desk.pin("QA-2")
