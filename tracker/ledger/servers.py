"""Which PostgreSQL server answers, and whether what it answers is on a second one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tracker.ledger.roles import rights
from tracker.ledger.store import Store

_ANSWERS: Final = """
SELECT coalesce(host(inet_server_addr()), 'local socket'), coalesce(inet_server_port(), 0),
  current_setting('server_version'), pg_is_in_recovery(), (SELECT timeline_id FROM pg_control_checkpoint()),
  current_setting('synchronous_standby_names'), current_setting('synchronous_commit')
"""
_STANDBYS: Final = """
SELECT count(*), pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')
FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')
"""

ALONE: Final = "none: what is answered is on one machine only, and is lost with it"


OWNER: Final = " (owns the tables: for init and migrate alone)"


def warnings_of(servers: Mapping[str, str]) -> tuple[str, ...]:
    """What an administrator should change before people record; nothing for a file."""
    found = []
    if servers.get("synchronous") == ALONE:
        found.append("No standby is waited for: what is answered is lost with this one server.")
    if servers.get("role", "").endswith(OWNER):
        found.append(
            "This role owns the tables. Stations connect as the role of `cartrail migrate --app-role`."
        )
    return tuple(found)


def servers_of(store: Store) -> Mapping[str, str]:
    """The server that answers, its standbys and the role that is connected; empty for a SQLite file."""
    if store.dialect == "sqlite":
        return {}
    with store.read() as transaction:
        query = transaction.query
        ((host, port, version, recovers, timeline, names, _),) = query(_ANSWERS)
        ((standbys, may_see),) = query(_STANDBYS)
        held = rights(query)
    kind = "standby, read only" if recovers else "primary"
    connected = f", {standbys} connected" if may_see else ""
    seen = f"waits for {names}{connected}" if names else ALONE
    owner = OWNER if held.owns_tables else ""
    return {
        "server": f"{host}:{port}, {kind}, PostgreSQL {version}, timeline {timeline}",
        "synchronous": seen,
        "role": f"{held.role}{owner}",
    }
