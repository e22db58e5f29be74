"""Every attack of the drill is caught by what is said to catch it, and by nothing where nothing can."""

from collections.abc import Callable
from pathlib import Path

import pytest

from schema.errors import IntegrityFailure
from tests.support.commands import Cartrail, Site
from tests.support.demos import DemoSite
from tests.support.drill_document import block
from tests.support.evidence_story import build, tampering
from tracker.drill import run as drill_module
from tracker.drill.attack import Attack, Caught, InBundle
from tracker.drill.rehearsal import Rehearsal
from tracker.drill.run import ATTACKS, AttackedStore, copy_store, drill, subject_of, tried
from tracker.drill.scene import AttackedCopy, longest_chain
from tracker.drill.table import rows, summary
from tracker.evidence.verification.store import verify_store
from tracker.evidence.verification.verdict import Check
from tracker.views.models import AsOf

FIRST = {
    "change bytes, keep the digest": Check.DIGEST,
    "encode otherwise": Check.CANONICAL,
    "move a signature": Check.SIGNATURES,
    "swap stored digests": Check.DIGEST,
    "drop the guards": Check.GUARDS,
    "edit a read table": Check.READ_TABLES,
    "swap openings": Check.COMMITMENTS,
    "forge an entry": Check.SIGNATURES,
    "alter an attachment": Check.ATTACHMENTS,
    "retire a key and use it": Check.SIGNATURES,
    "edit and re-hash": Check.SIGNATURES,
    "fork a chain": Check.SEQUENCE,
    "answer what was not said": Check.LINKS,
    "cut the tail, rebuild the log": Check.KEPT_HEADS,
    "delete a therapy": Check.KEPT_HEADS,
    "put an old backup in place": Check.KEPT_HEADS,
    "pass a limit": Check.LIMITS,
    "loosen a limit": Check.LIMITS,
    "stretch a shelf life": Check.LIMITS,
    "stretch a hold time": Check.LIMITS,
    "accept what is warm": Check.LIMITS,
    "hide from a search": Check.READ_TABLES,
    "add a trigger": Check.GUARDS,
}
"""The step that each of these exists for, which has to be among those that catch it."""


@pytest.fixture
def subject(rehearsal: Rehearsal) -> AttackedStore:
    """The rehearsal store as what is attacked."""
    return AttackedStore(rehearsal.path, longest_chain(rehearsal.path)[0], is_rehearsal=True)


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all attacks, as the drill has it: the bundle that is altered is exported once."""
    return tmp_path_factory.mktemp("ground")


def test_the_rehearsal_store_verifies(rehearsal: Rehearsal) -> None:
    """Now and as it was in its backup."""
    for path in (rehearsal.path, rehearsal.backup):
        verdict = verify_store(f"sqlite:///{path}")
        assert (verdict.findings, verdict.gaps) == ((), ())


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_is_caught_as_claimed(
    attack: Attack, rehearsal: Rehearsal, subject: AttackedStore, ground: Path
) -> None:
    """And its line stands so in docs/evidence.md; `python -m tests.support.drill_document` writes it."""
    found = tried(attack, subject, rehearsal, ground)
    assert found.as_claimed, found
    if attack.name in FIRST:
        assert FIRST[attack.name] in found.alone
    (row,) = rows([found])
    assert f"| {' | '.join(row)} |" in block()


def test_the_document_has_every_attack_once() -> None:
    """In the order in which they are tried."""
    names = [line.split(" | ")[0].removeprefix("| ") for line in block()[2:]]
    assert names == [attack.name for attack in ATTACKS]


def test_what_nothing_can_catch_says_why() -> None:
    """And only that; each attack is of one kind."""
    for attack in ATTACKS:
        unseen = attack.in_bundle is InBundle.NOTHING if attack.on_bundle else attack.caught is Caught.NOTHING
        assert bool(attack.because) is unseen
        assert [attack.hand, attack.inside, attack.on_bundle].count(None) == 2


def test_an_early_claim_is_marked_in_every_view(rehearsal: Rehearsal, tmp_path: Path) -> None:
    """No finding, and yet nobody who looks can miss it."""
    attack = next(one for one in ATTACKS if one.name == "claim an early time")
    tried(
        attack, AttackedStore(rehearsal.path, rehearsal.journey.coi, is_rehearsal=True), rehearsal, tmp_path
    )
    with rehearsal.going_on(tmp_path / "copy.db") as journey:
        entries = journey.network.tracker.read.trail(coi=journey.coi).entries
        assert "late" in entries[-1].marks
        before = AsOf(recorded_by=entries[-2].entry.recorded_at)
        earlier = journey.network.tracker.read.trail(coi=journey.coi, as_of=before)
        assert earlier.later == 1 and earlier.notice is not None


def test_a_store_that_does_not_verify_is_not_drilled(demo_site: DemoSite, tmp_path: Path) -> None:
    """A drill on it would show nothing."""
    with tampering(demo_site.path) as connection:
        connection.execute("UPDATE therapy SET stage = 'infused'")
    with pytest.raises(IntegrityFailure, match="before any attack"):
        next(drill(demo_site.url, tmp_path))


def test_a_store_of_ones_own_is_attacked_and_left_alone(
    demo_site: DemoSite, rehearsal: Rehearsal, tmp_path: Path
) -> None:
    """Copies are attacked; not a byte of the store changes."""
    before = demo_site.path.read_bytes()
    subject = subject_of(demo_site.url, tmp_path, rehearsal)
    assert not subject.is_rehearsal and subject.coi == longest_chain(demo_site.path)[0]
    for attack in ATTACKS:
        if attack.hand is not None and attack.name.startswith(("cut", "delete", "swap")):
            assert tried(attack, subject, rehearsal, tmp_path).as_claimed, attack.name
    assert demo_site.path.read_bytes() == before


def test_a_server_is_drilled_as_a_file(fresh_postgres: str, rehearsal: Rehearsal, tmp_path: Path) -> None:
    """The copy of a PostgreSQL store verifies, and can be attacked."""
    build(fresh_postgres, tmp_path / "keys").tracker.close()
    said: list[str] = []
    copy_store(fresh_postgres, tmp_path / "rows.db", said.append)
    url = f"sqlite:///{tmp_path / 'rows.db'}"
    assert said == ["drilling a SQLite copy made of the rows on the server"]
    assert verify_store(url).entries == verify_store(fresh_postgres).entries
    assert verify_store(url).exit_code == 0
    attacked = AttackedCopy(tmp_path / "rows.db", longest_chain(tmp_path / "rows.db")[0])
    hand: Callable[[AttackedCopy], None] | None = ATTACKS[0].hand
    assert hand is not None
    hand(attacked)
    assert verify_store(url).exit_code == 4


class TestTheCommand:
    @pytest.fixture(autouse=True)
    def few(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Three attacks, one of each kind that the table tells apart."""
        chosen = ("swap stored digests", "delete a therapy", "never record an event")
        monkeypatch.setattr(drill_module, "ATTACKS", [one for one in ATTACKS if one.name in chosen])

    def test_the_table(self, cartrail: Cartrail, founded: Site) -> None:
        said = cartrail("drill", "--database", founded.path)
        words = " ".join(said.out.split())
        assert "nothing can catch" in words and "step 18" in words
        assert "3 attacks: 0 refused by the program, 2 caught by the store itself" in said.err

    def test_as_json_and_markdown(self, cartrail: Cartrail, founded: Site) -> None:
        found = cartrail("drill", "--json", "--database", founded.path).records
        assert [one["caught"] for one in found] == ["alone", "alone", "nothing"]
        said = cartrail("drill", "--markdown", "--database", founded.path).out.splitlines()
        assert all(line in block() for line in said[1:-1])

    def test_a_check_that_sleeps_is_told(
        self, cartrail: Cartrail, founded: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        wrong = [Attack("do nothing", "at all", Caught.ALONE, InBundle.TRUE, hand=lambda _: None)]
        monkeypatch.setattr(drill_module, "ATTACKS", wrong)
        assert (
            "Not caught as they should be: do nothing"
            in cartrail("drill", "--database", founded.path, exit_code=4).err
        )


def test_the_summary_counts() -> None:
    """Also nothing."""
    assert summary([]).startswith("0 attacks")
