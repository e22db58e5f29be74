"""Every table of a store is proved, replayed or named; what somebody puts around them is found or named."""

from pathlib import Path

import pytest

from schema.errors import IntegrityFailure
from schema.tables import Row
from tests.support.evidence_story import ANN, Story, build, scan
from tests.support.owners import Run, owner
from tests.support.stores import sqlite_url
from tracker.acts.mentions import fill_mentions
from tracker.drill.bundles import exported
from tracker.drill.rehearsal import Rehearsal, copy_file
from tracker.drill.scene import AttackedCopy
from tracker.evidence.hub import sign_checkpoint
from tracker.evidence.integration import integrate
from tracker.evidence.log_keys import key_folder, read_hub_key
from tracker.evidence.verification.store import verify_store
from tracker.evidence.verification.tables import NOT_PROVED, PROVED, REPLAYED
from tracker.evidence.verification.verdict import Check, Verification
from tracker.ledger.store import Store
from tracker.therapy.deviations import OpenDeviation


def made(url: str, folder: Path) -> Story:
    """A store with a therapy, a deviation, a signed log and a filled index of names."""
    story = build(url, folder)
    story.take(OpenDeviation, ANN, coi=scan(story.coi), category="other", description="seen")
    store = story.tracker.store
    integrate(store)
    key = read_hub_key(key_folder(folder, story.tracker.registry.origin))
    assert key is not None
    sign_checkpoint(store, key, story.clock.now())
    fill_mentions(store)
    story.tracker.close()
    return story


@pytest.fixture
def story(empty_url: str, tmp_path: Path) -> Story:
    """Such a store, on each engine in turn."""
    return made(empty_url, tmp_path / "keys")


@pytest.fixture
def file(tmp_path: Path) -> Story:
    """Such a store in a file."""
    return made(sqlite_url(tmp_path / "store.db"), tmp_path / "keys")


def said(verdict: Verification, check: Check) -> list[str]:
    """The findings of a step."""
    return [one.message for one in verdict.findings if one.step == check]


def test_findings_d6_every_table_is_proved_replayed_or_named() -> None:
    """A new table has to be put in one of the three: nobody may read what nobody checks, unsaid."""
    groups = (PROVED, REPLAYED, frozenset(NOT_PROVED))
    assert frozenset().union(*groups) == Row.metadata.tables.keys()
    assert sum(map(len, groups)) == len(Row.metadata.tables)


def test_findings_d6_what_is_not_proved_is_said(file: Story) -> None:
    """Each of these tables is named in the verdict by what it holds."""
    verdict = verify_store(file.url)
    assert verdict.exit_code == 0
    unsaid = [table for table, word in NOT_PROVED.items() if word not in " ".join(verdict.unchecked)]
    assert unsaid == []


def test_findings_d6_a_read_table_without_its_rows(story: Story) -> None:
    """Given rows deleted from one read table after the other, then verify names each table, and Find can
    hide nothing.
    """
    assert verify_store(story.url).exit_code == 0
    for table in ("therapy", "unit", "scan_code", "deviation_now", "bench", "mention"):
        with owner(story.url) as run:
            run(f"DELETE FROM {table}")
        verdict = verify_store(story.url)
        assert verdict.exit_code == 4, table
        assert any(f"the table {table} has no row" in text for text in said(verdict, Check.READ_TABLES)), (
            table
        )


FORGED = (
    (
        "INSERT INTO bench VALUES ('LAB-09', '{coi}', 3, '2026-03-02T08:00:00.000Z', 'ANN')",
        "the table bench has a row LAB-09, to which no entry leads",
    ),
    (
        "INSERT INTO mention VALUES ('{coi}', 'person:EVE', 1, 2, '2026-03-02T08:00:00.000Z')",
        "the table mention has a row person:EVE, to which no entry leads",
    ),
    (
        "INSERT INTO mention VALUES ('CD234567899', 'site:LAB', 1, 2, '2026-03-02T08:00:00.000Z')",
        "the table mention has a row CD234567899 of a therapy that has no entries",
    ),
    (
        "UPDATE mention SET last_sequence = 0 WHERE subject = 'person:ANN'",
        "mention person:ANN: it says (0, 0, ",
    ),
    (
        "UPDATE mention_reach SET leaves = 3",
        "the table mention has a row person:BEN, to which no entry leads",
    ),
    ("UPDATE mention_reach SET leaves = 9999", "the index of names has 9999 of "),
)


def test_findings_d6_a_row_that_no_entry_leads_to(story: Story) -> None:
    """Given rows made up or changed, one after the other, then verify says which."""
    for forged, told in FORGED:
        with owner(story.url) as run:
            run(forged.format(coi=story.coi))
        verdict = verify_store(story.url)
        assert verdict.exit_code == 4
        assert any(told in text for text in said(verdict, Check.READ_TABLES)), (told, verdict.findings)


def test_findings_d6_an_index_that_was_emptied_is_filled_again(story: Story) -> None:
    """Given both tables of the index emptied, then nothing is hidden: a search reads the log itself."""
    with owner(story.url) as run:
        run("DELETE FROM mention")
        run("DELETE FROM mention_reach")
    assert verify_store(story.url).exit_code == 0


def test_findings_d18_a_trigger_of_somebody_on_our_table(story: Story) -> None:
    """Given a trigger that is none of ours on a table of ours, then verify names both."""
    with owner(story.url) as run:
        if story.url.startswith("sqlite"):
            run("CREATE TRIGGER tidy AFTER INSERT ON unit BEGIN DELETE FROM bench; END")
        else:
            run(
                "CREATE FUNCTION tidy() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN DELETE FROM bench; RETURN NULL; END $$"
            )
            run("CREATE TRIGGER tidy AFTER INSERT ON unit EXECUTE FUNCTION tidy()")
    verdict = verify_store(story.url)
    assert verdict.exit_code == 4
    assert said(verdict, Check.GUARDS) == ["the trigger tidy on the table unit is none of ours"]


def test_findings_d18_a_view_beside_ours_is_named(story: Story) -> None:
    """Given a view and a table that touch none of ours, then they are named, and nothing is wrong."""
    with owner(story.url) as run:
        run("CREATE TABLE notes_of_it (text TEXT)")
        run("CREATE VIEW counted AS SELECT count(*) AS entries FROM custody_event")
        if story.url.startswith("sqlite"):
            run("CREATE TRIGGER noted AFTER INSERT ON notes_of_it BEGIN DELETE FROM notes_of_it; END")
    verdict = verify_store(story.url)
    assert verdict.exit_code == 0
    (note,) = [one for one in verdict.steps[Check.GUARDS - 1].notes if "beside our tables" in one]
    assert "the view counted" in note and "the table notes_of_it" in note
    assert ("the trigger noted" in note) is story.url.startswith("sqlite")


def test_findings_d18_a_view_in_place_of_our_table(tmp_path: Path) -> None:
    """Given a view that shows what it likes under the name of a table, then it is no table."""
    story = made(sqlite_url(tmp_path / "store.db"), tmp_path / "keys")
    with owner(story.url) as run:
        run("ALTER TABLE bench RENAME TO bench_behind")
        run("CREATE VIEW bench AS SELECT * FROM bench_behind WHERE false")
    verdict = verify_store(story.url)
    assert verdict.exit_code == 4
    assert "bench is a view, and not the table that was made" in said(verdict, Check.GUARDS)


def _shadow(run: Run, database: str) -> None:
    run("CREATE SCHEMA front")
    run("CREATE VIEW front.therapy AS SELECT * FROM public.therapy WHERE stage <> 'enrolled'")
    run("CREATE TABLE front.theirs (text TEXT)")
    run("ALTER TABLE bench RENAME TO bench_behind")
    run("CREATE VIEW public.bench AS SELECT * FROM bench_behind WHERE false")
    run(f'ALTER DATABASE "{database}" SET search_path = front, public')


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            "CREATE RULE quiet AS ON INSERT TO unit DO INSTEAD NOTHING",
            "the rule quiet on the table unit is none of ours",
        ),
        (
            "ALTER TABLE unit ENABLE ROW LEVEL SECURITY",
            "row security is on for the table unit: not everybody",
        ),
        (
            "CREATE TABLE more () INHERITS (unit)",
            "other tables inherit from unit: their rows are read as its",
        ),
    ],
)
def test_findings_d18_what_a_server_can_do_to_a_table(
    fresh_postgres: str, tmp_path: Path, statement: str, told: str
) -> None:
    """Given a rule, row security or a child table, then verify says which table is not what it was."""
    story = made(fresh_postgres, tmp_path / "keys")
    with owner(story.url) as run:
        run(statement)
    verdict = verify_store(story.url)
    assert verdict.exit_code == 4
    assert any(text.startswith(told) for text in said(verdict, Check.GUARDS)), verdict.findings


def test_findings_d18_a_view_that_the_search_path_finds_first(fresh_postgres: str, tmp_path: Path) -> None:
    """Given a view in a schema before ours, then verify says that readers get it in place of the table."""
    story = made(fresh_postgres, tmp_path / "keys")
    with owner(story.url) as run:
        _shadow(run, fresh_postgres.rsplit("/", 1)[1].partition("?")[0])
    verdict = verify_store(story.url)
    assert verdict.exit_code == 4
    found = said(verdict, Check.GUARDS)
    assert "the search path finds front.therapy in place of the table in public" in found
    assert "bench is a view, and not the table that was made" in found
    notes = verdict.steps[Check.GUARDS - 1].notes
    assert any("bench_behind" in one for one in notes) and not any("theirs" in one for one in notes)
    with pytest.raises(IntegrityFailure, match=r"finds front\.therapy, public\.bench in place") as refused:
        Store.open(story.url)
    assert (refused.value.code, refused.value.exit_code) == ("table_replaced", 4)


def test_findings_d18_a_checkpoint_that_paper_names(story: Story) -> None:
    """Given the checkpoint deleted whose head went onto paper, then verify misses it."""
    with owner(story.url) as run:
        run("INSERT INTO printed_head VALUES (?, 9, '2026-03-02T09:00:00.000Z')", story.coi)
    verdict = verify_store(story.url)
    assert said(verdict, Check.CHECKPOINTS) == [
        "a head of size 9 went onto paper, and there is no such checkpoint any more"
    ]
    with owner(story.url) as run:
        run("UPDATE printed_head SET chain = 'CD234567899'")
    assert said(verify_store(story.url), Check.CHECKPOINTS) == ["a head is noted for a chain that is none"]


def test_findings_d18_a_checkpoint_that_an_export_names(rehearsal: Rehearsal, tmp_path: Path) -> None:
    """Given the checkpoints deleted after a bundle was made of them, then verify misses those it names."""
    path = tmp_path / "copy.db"
    copy_file(rehearsal.path, path)
    attacked = AttackedCopy(path, rehearsal.journey.coi)
    assert exported(rehearsal, attacked, tmp_path).alone == ()
    assert verify_store(attacked.url).exit_code == 0
    with owner(attacked.url) as run:
        run("DELETE FROM cosignature")
        run("DELETE FROM checkpoint WHERE tree_size < (SELECT max(tree_size) FROM checkpoint)")
    (missed,) = verify_store(attacked.url).findings
    assert (missed.chain, missed.step) == ("registry", Check.CHECKPOINTS)
    assert missed.message.startswith("the export holds a checkpoint of size ")
