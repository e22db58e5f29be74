"""The address of a PostgreSQL store: one server or several, as they are written, connected to and shown."""

from __future__ import annotations

import re
from typing import Final

import sqlalchemy as sa

_SEVERAL: Final = re.compile(
    r"(?P<scheme>[a-z+]+)://(?P<user>[^@/?#]*@)?(?P<hosts>[^@/?#,]*,[^@/?#]*)(?P<rest>[/?#].*)?", re.DOTALL
)


def made_url(text: str) -> sa.URL:
    """A URL as SQLAlchemy knows it; several servers, `host1:port1,host2:port2`, become `host` of the query.

    Raises what SQLAlchemy raises for what is no URL, and ValueError for a port that is no number.
    """
    several = _SEVERAL.fullmatch(text)
    if several is None:
        return sa.make_url(text)
    hosts = several["hosts"].split(",")
    url = sa.make_url(f"{several['scheme']}://{several['user'] or ''}{several['rest'] or ''}")
    for host in hosts:
        _checked_port(host)
    return url.update_query_pairs([("host", host) for host in hosts if host], append=True)


def _checked_port(host: str) -> None:
    port = host.rpartition("]")[2].rpartition(":")[2] if ":" in host.rpartition("]")[2] else "5432"
    if not (port.isascii() and port.isdigit() and int(port) < 65536):
        raise ValueError(host)


def for_writing(url: sa.URL) -> sa.URL:
    """The address; of several servers the one that takes writes, where the address does not say which."""
    if len(servers(url)) < 2 or "target_session_attrs" in url.query:
        return url
    return url.update_query_dict({"target_session_attrs": "read-write"})


def for_programs(url: sa.URL) -> str:
    """The address as PostgreSQL's own programs read it, without its password."""
    several = len(servers(url)) > 1
    query = {name: value for name, value in for_writing(url).query.items() if name not in ("host", "port")}
    # `URL.set` cannot take a password away, so the address is put together anew.
    bare = sa.URL.create(
        "postgresql",
        username=url.username,
        host="several" if several else url.host,
        port=None if several else url.port,
        database=url.database,
        query=query if several else url.query,
    ).render_as_string(hide_password=False)
    return bare.replace("several/", f"{','.join(servers(url))}/", 1) if several else bare


def servers(url: sa.URL) -> list[str]:
    """Each server of the address as host:port, or the folder of its socket."""
    hosts = _words(url, "host") or ([url.host] if url.host else ["localhost"])
    ports = _words(url, "port") or ([str(url.port)] if url.port else [])
    found = []
    for number, host in enumerate(hosts):
        port = ports[min(number, len(ports) - 1)] if ports else "5432"
        alone = host.startswith("/") or ":" in host.rpartition("]")[2]
        found.append(host if alone else f"{host}:{port}")
    return found


def shown(url: sa.URL) -> str:
    """The address on one line, without password and options."""
    user = f"{url.username}@" if url.username else ""
    return f"postgresql://{user}{','.join(servers(url))}/{url.database or ''}"


def _words(url: sa.URL, name: str) -> list[str]:
    given = url.query.get(name, ())
    parts = (given,) if isinstance(given, str) else given
    return [word for part in parts for word in part.split(",") if word]
