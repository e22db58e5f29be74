"""PostgreSQL over a network that is not ours: encrypted, read by the wrong key, or gone silent."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from schema.errors import OutcomeUnknown, StoreError, StoreUnreachable
from tests.support.commands import found
from tests.support.relay import Relay, certificate, relay
from tests.support.stores import append_next, new_event_id
from tracker.evidence.verification.store import verify_store
from tracker.ledger import postgres_session
from tracker.ledger.outage import waiting_at_most
from tracker.ledger.retry import retrying
from tracker.ledger.store import Store


@pytest.fixture
def target(fresh_postgres: str) -> tuple[str, int]:
    """Where the server of the database is reached."""
    url = make_url(fresh_postgres)
    host = url.host or url.query.get("host")
    assert isinstance(host, str)
    return host, url.port or 5432


@pytest.fixture
def plain(target: tuple[str, int]) -> Iterator[Relay]:
    """A relay that speaks no TLS, as the embedded server itself."""
    with relay(target) as made:
        yield made


def through(made: Relay, fresh_postgres: str, *options: str, host: str = "localhost") -> str:
    """The address of the database by way of a relay."""
    url = make_url(fresh_postgres)
    user = url.username or "postgres"
    login = user if url.password is None else f"{user}:{url.password}"
    query = "&".join(("connect_timeout=2", *options))
    return f"postgresql://{login}@{host}:{made.port}/{url.database}?{query}"


def refused(url: str) -> StoreError:
    """Why a store cannot be opened, with the patience of a station."""
    began = time.monotonic()
    with pytest.raises(StoreError) as error:
        Store.open(url)
    assert time.monotonic() - began < 20, "no waiting changes that"
    return error.value


def test_a_store_behind_tls(fresh_postgres: str, target: tuple[str, int], tmp_path: Path) -> None:
    """Given the server's certificate, it is founded and verified over encrypted lines alone."""
    context, file = certificate(tmp_path)
    with relay(target, tls=context) as made:
        url = through(made, fresh_postgres, "sslmode=verify-full", f"sslrootcert={file}")
        found(url, tmp_path / "config")
        founded = made.encrypted
        assert founded > 0 and made.in_clear == 0
        assert verify_store(url).exit_code == 0
        assert made.encrypted > founded and made.in_clear == 0


@pytest.mark.parametrize("fault", ["another certificate", "another name", "no such file"])
def test_a_server_that_is_not_the_one_is_told_at_once(
    fault: str, fresh_postgres: str, target: tuple[str, int], tmp_path: Path
) -> None:
    """Waiting a minute changes nothing about a certificate that does not fit."""
    context, file = certificate(tmp_path)
    host = "localhost"
    if fault == "another certificate":
        file = certificate(tmp_path / "other")[1]
    elif fault == "another name":
        host = "127.0.0.1"
    else:
        file = tmp_path / "nowhere.crt"
    with relay(target, tls=context) as made:
        options = ("sslmode=verify-full", f"sslrootcert={file}")
        error = refused(through(made, fresh_postgres, *options, host=host))
    assert "does not let this station in" in error.message and not isinstance(error, StoreUnreachable)


def test_a_server_without_tls_is_told_at_once(plain: Relay, fresh_postgres: str) -> None:
    """Where the address asks for TLS nothing is sent in clear."""
    error = refused(through(plain, fresh_postgres, "sslmode=require"))
    assert "SSL" in error.details and not isinstance(error, StoreUnreachable)


def test_a_silent_line_is_left_and_asked_for_elsewhere(
    plain: Relay, fresh_postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both ends believe in the connection: each wait ends, and what was asked is recorded once in the end."""
    monkeypatch.setattr(postgres_session, "STATEMENT_SECONDS", 1.0)
    with Store.create(through(plain, fresh_postgres)) as store:
        event_id = new_event_id()

        def recorded() -> None:
            with store.begin() as transaction:
                if not transaction.kept_answer(event_id)[0]:
                    append_next(transaction, event_id=event_id)

        plain.fall_silent()
        began = time.monotonic()
        with pytest.raises((StoreUnreachable, OutcomeUnknown)), waiting_at_most(2):
            retrying(recorded)
        assert time.monotonic() - began < 20
        plain.talk_again()
        retrying(recorded)
        retrying(recorded)
        with store.read() as transaction:
            assert transaction.count() == 1


def test_an_address_that_answers_nothing_ends(plain: Relay, fresh_postgres: str) -> None:
    """A host behind a firewall that drops everything: opening ends when patience does."""
    plain.fall_silent()
    began = time.monotonic()
    with pytest.raises(StoreUnreachable), waiting_at_most(1):
        Store.open(through(plain, fresh_postgres))
    assert time.monotonic() - began < 20
