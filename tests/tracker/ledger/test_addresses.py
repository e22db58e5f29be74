"""The address of a PostgreSQL store with one server or several, in both forms people write it."""

import pytest

from schema.errors import StoreError
from tracker.ledger.addresses import for_programs, for_writing, servers
from tracker.ledger.creation import parsed, shown
from tracker.ledger.store import Store


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("postgresql://hub@db1:5432,db2:5433,db3/cartrail", ["db1:5432", "db2:5433", "db3:5432"]),
        ("postgresql+psycopg://hub:s3cret@db1,db2/cartrail?sslmode=require", ["db1:5432", "db2:5432"]),
        ("postgresql://hub@/cartrail?host=db1:5432&host=db2:5433", ["db1:5432", "db2:5433"]),
        ("postgresql://hub@/cartrail?host=db1,db2&port=5432,5433", ["db1:5432", "db2:5433"]),
        ("postgresql://hub@[fd00::1]:5432,[fd00::2]:5432/cartrail", ["[fd00::1]:5432", "[fd00::2]:5432"]),
        ("postgresql://hub@db1/cartrail", ["db1:5432"]),
        ("postgresql://hub@/cartrail?host=/run/postgresql", ["/run/postgresql"]),
    ],
)
def test_availability_b1_several_servers_are_read_in_both_forms(url: str, hosts: list[str]) -> None:
    """All servers are known, the one that takes writes is chosen, and the address is shown on one line."""
    address = parsed(url)
    assert servers(address) == hosts
    assert (for_writing(address).query.get("target_session_attrs") == "read-write") == (len(hosts) > 1)
    assert shown(url) == f"postgresql://hub@{','.join(hosts)}/cartrail"


def test_availability_b1_what_the_address_says_of_the_server_stands() -> None:
    """Who names a standby on purpose gets it."""
    address = parsed("postgresql://hub@db1,db2/cartrail?target_session_attrs=any")
    assert for_writing(address).query["target_session_attrs"] == "any"


@pytest.mark.parametrize(
    ("url", "given"),
    [
        (
            "postgresql://hub:s3cret@db1:5432,db2:5433/cartrail?sslmode=require",
            "postgresql://hub@db1:5432,db2:5433/cartrail?sslmode=require&target_session_attrs=read-write",
        ),
        (
            "postgresql://hub@/cartrail?host=db1,db2&port=5432,5433",
            "postgresql://hub@db1:5432,db2:5433/cartrail?target_session_attrs=read-write",
        ),
        ("postgresql://hub:s3cret@db1/cartrail", "postgresql://hub@db1/cartrail"),
        (
            "postgresql://hub@/cartrail?host=/run/postgresql",
            "postgresql://hub@/cartrail?host=%2Frun%2Fpostgresql",
        ),
    ],
)
def test_availability_b1_programs_of_postgresql_are_given_all_servers(url: str, given: str) -> None:
    """pg_dump and pg_restore read no repeated host, and find the password in their environment."""
    assert for_programs(parsed(url)) == given


def test_availability_b1_an_option_that_is_none_is_named() -> None:
    """It is not waited for."""
    with pytest.raises(StoreError) as refused:
        Store.open("postgresql://hub@127.0.0.1:1/cartrail?colour=red")
    assert refused.value.code == "bad_database_url" and "colour" in refused.value.message


@pytest.mark.parametrize("hosts", ["db1:port", "db1:5432,db2:x", "db1:70000,db2", "db1:,db2:5432"])
def test_availability_b1_a_port_that_is_no_number_is_bad_input(hosts: str) -> None:
    """It is no fault of the program, and the remedy shows the form."""
    with pytest.raises(StoreError) as refused:
        parsed(f"postgresql://hub@{hosts}/cartrail")
    assert refused.value.code == "bad_database_url"
    assert "host1:5432,host2:5432" in refused.value.remedy
