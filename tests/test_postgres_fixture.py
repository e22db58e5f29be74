"""PostgreSQL is there for the tests that need it, so none of them passes by not running."""

import pytest
from sqlalchemy import NullPool, create_engine, text


def answer(url: str, statement: str) -> object:
    """The first column of the first row."""
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return connection.execute(text(statement)).scalar_one()


def test_session_database_answers(postgres_url: str) -> None:
    """The database of this test process is PostgreSQL and answers."""
    assert postgres_url.startswith("postgresql+psycopg://")
    assert answer(postgres_url, "SELECT 1") == 1


@pytest.mark.parametrize("turn", [1, 2])
def test_fresh_database_is_empty_each_time(fresh_postgres: str, postgres_url: str, turn: int) -> None:
    """A table that one test leaves in its database is not seen by the next."""
    tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
    assert answer(fresh_postgres, tables) == 0
    with create_engine(fresh_postgres, poolclass=NullPool).begin() as connection:
        connection.execute(text(f"CREATE TABLE left_behind AS SELECT {turn} AS turn"))
    assert answer(fresh_postgres, tables) == 1
    assert answer(postgres_url, tables) == 0
