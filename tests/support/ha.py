"""`make ha`: three PostgreSQL servers under Patroni and etcd from Debian, killed under eight stations.

Five failovers and one freeze; then every acknowledged entry is looked for on the last primary, and the store
is verified. It needs root (the servers run as `postgres`) and the packages patroni, etcd-server, etcd-client,
python3-etcd and postgresql. Nothing of it is left behind.
"""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.error import URLError
from urllib.request import urlopen

import orjson
import psutil
import psycopg

from tests.support.commands import PASSWORDS, found, write_credentials
from tests.support.pair import free_ports, until
from tracker.acts.randomness import uuid7
from tracker.clock import SystemClock
from tracker.evidence.verification.store import verify_store

CARTRAIL: Final = (sys.executable, "-m", "tui")
NODES: Final = 3
STATIONS: Final = 8
FAILOVERS: Final = 5
PASSWORD: Final = "only-for-this-run"
PATIENCE: Final = 120.0
ANSWERS_BETWEEN: Final = 40


@dataclass
class Node:
    """One Patroni with its PostgreSQL."""

    name: str
    folder: Path
    rest: int
    port: int
    process: subprocess.Popen[bytes] | None = None

    def family(self) -> list[psutil.Process]:
        """Patroni, the postmaster and all its children, also those that Patroni let go of."""
        data = str(self.folder / self.name)
        return [
            one
            for one in psutil.process_iter()
            if self._is_mine(one, data) or any(self._is_mine(parent, data) for parent in _parents(one))
        ]

    def kill(self) -> None:
        """The machine is lost."""
        for one in self.family():
            with suppress(psutil.NoSuchProcess):
                one.kill()
        if self.process is not None:
            self.process.wait(PATIENCE)

    def postmaster(self) -> psutil.Process:
        """The server's first process."""
        pid = (self.folder / self.name / "postmaster.pid").read_text().split()[0]
        return psutil.Process(int(pid))

    def start(self) -> None:
        """Start Patroni, which starts the server."""
        log = (self.folder / f"{self.name}.log").open("ab")
        self.process = subprocess.Popen(
            ["patroni", str(self.folder / f"{self.name}.yml")],
            stdout=log, stderr=log, user="postgres", group="postgres", start_new_session=True,
        )  # fmt: skip
        log.close()

    def _is_mine(self, one: psutil.Process, data: str) -> bool:
        with suppress(psutil.Error):
            line = " ".join(one.cmdline())
            return f"{self.name}.yml" in line or f"-D {data}" in line
        return False


def _parents(one: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.Error):
        return list(one.parents())
    return []


@dataclass
class Cluster:
    """etcd and three nodes, in one folder."""

    folder: Path
    nodes: list[Node]
    etcd_ports: tuple[int, int]
    etcd: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start all and wait until one leads and one is synchronous."""
        client, peer = self.etcd_ports
        urls = f"http://127.0.0.1:{client}"
        log = (self.folder / "etcd.log").open("ab")
        self.etcd = subprocess.Popen(
            [
                "etcd", "--name", "e1", "--data-dir", str(self.folder / "etcd"), "--listen-client-urls", urls,
                "--advertise-client-urls", urls, "--listen-peer-urls", f"http://127.0.0.1:{peer}",
                "--initial-advertise-peer-urls", f"http://127.0.0.1:{peer}",
                "--initial-cluster", f"e1=http://127.0.0.1:{peer}",
            ],
            stdout=log, stderr=log, user="postgres", group="postgres",
        )  # fmt: skip
        log.close()
        until(lambda: self._etcd_is_well(urls), PATIENCE)
        for node in self.nodes:
            config = self.folder / f"{node.name}.yml"
            # JSON is YAML.
            config.write_text(orjson.dumps(self._config(node)).decode(), encoding="utf-8")
            shutil.chown(config, "postgres")
            node.start()
        self.until_whole()

    def members(self) -> list[dict[str, Any]]:
        """What the first node that answers says of all."""
        for node in self.nodes:
            with (
                suppress(URLError, OSError),
                urlopen(f"http://127.0.0.1:{node.rest}/cluster", timeout=2) as answer,
            ):
                found: list[dict[str, Any]] = orjson.loads(answer.read())["members"]
                return found
        return []

    def leader(self) -> Node | None:
        """The node that takes writes; None while nobody does."""
        names = [
            one["name"] for one in self.members() if one["role"] == "leader" and one["state"] == "running"
        ]
        return next((node for node in self.nodes if node.name in names), None)

    def is_whole(self) -> bool:
        """One leader, all running, one of the others synchronous."""
        members = self.members()
        running = [one for one in members if one["state"] in {"running", "streaming"}]
        roles = [one["role"] for one in members]
        return len(running) == NODES and roles.count("leader") == 1 and "sync_standby" in roles

    def until_whole(self) -> None:
        """Wait for that."""
        until(self.is_whole, PATIENCE)

    def ask(self, text: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """The rows of a statement on the leader."""
        leader = until(self.leader, PATIENCE)
        with psycopg.connect(
            host="127.0.0.1", port=leader.port, user="postgres", password=PASSWORD, dbname=database,
            autocommit=True, connect_timeout=3,
        ) as connection:  # fmt: skip
            cursor = connection.execute(text)
            return cursor.fetchall() if cursor.description else []

    def url(self, user: str) -> str:
        """The address of all three."""
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)
        return f"postgresql://{user}:{PASSWORD}@{hosts}/cartrail"

    def stop(self) -> None:
        """End everything."""
        for node in self.nodes:
            for one in node.family():
                with suppress(psutil.NoSuchProcess):
                    one.resume()
            node.kill()
        if self.etcd is not None:
            self.etcd.kill()
            self.etcd.wait(PATIENCE)

    def _etcd_is_well(self, url: str) -> bool:
        done = subprocess.run(
            ["etcdctl", "--endpoints", url, "endpoint", "health"],
            capture_output=True, check=False, env={**os.environ, "ETCDCTL_API": "3"},
        )  # fmt: skip
        return done.returncode == 0

    def _config(self, node: Node) -> dict[str, Any]:
        client, _ = self.etcd_ports
        listen = f"127.0.0.1:{node.port}"
        binaries = max(Path("/usr/lib/postgresql").glob("*/bin"))
        people = {"superuser": "postgres", "replication": "replicator", "rewind": "rewind_user"}
        return {
            "scope": "cartrail",
            "name": node.name,
            "restapi": {"listen": f"127.0.0.1:{node.rest}", "connect_address": f"127.0.0.1:{node.rest}"},
            "etcd3": {"host": f"127.0.0.1:{client}"},
            "bootstrap": {
                "dcs": {
                    "ttl": 20, "loop_wait": 1, "retry_timeout": 3, "primary_start_timeout": 0,
                    "maximum_lag_on_failover": 1048576,
                    "synchronous_mode": True, "synchronous_mode_strict": True, "synchronous_node_count": 1,
                    "postgresql": {
                        "use_pg_rewind": True, "use_slots": True,
                        "parameters": {
                            "wal_log_hints": "on", "synchronous_commit": "on", "hot_standby": "on",
                            "max_connections": 60, "shared_buffers": "32MB", "wal_keep_size": "128MB",
                        },
                    },
                },
                "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, "data-checksums"],
                "pg_hba": [
                    "local all all trust",
                    "host all all 127.0.0.1/32 scram-sha-256",
                    "host replication replicator 127.0.0.1/32 scram-sha-256",
                ],
            },
            "postgresql": {
                "listen": listen, "connect_address": listen, "data_dir": str(self.folder / node.name),
                "bin_dir": str(binaries), "pgpass": str(self.folder / f"pgpass-{node.name}"),
                "authentication": {
                    kind: {"username": name, "password": PASSWORD} for kind, name in people.items()
                },
                "parameters": {"unix_socket_directories": str(self.folder)},
            },
        }  # fmt: skip


@dataclass
class Stations:
    """Eight `record` processes, each with one request at a time."""

    url: str
    credentials: Path
    answers: list[tuple[dict[str, Any], float]] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    _ends: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """All at once."""
        for number in range(STATIONS):
            thread = threading.Thread(target=self._record, args=(f"S{number}",))
            thread.start()
            self._threads.append(thread)

    def end(self) -> None:
        """Let each have its last answer."""
        self._ends.set()
        for thread in self._threads:
            thread.join(PATIENCE)

    def gap_seconds(self, since: float) -> float:
        """The longest time since then in which nobody was answered."""
        moments = [since, *sorted(at for _, at in self.answers if at >= since)]
        return max((later - before for before, later in itertools.pairwise(moments)), default=0.0)

    def go_on(self) -> None:
        """Wait until some more were answered."""
        before = len(self.answers)
        until(lambda: len(self.answers) > before + ANSWERS_BETWEEN, PATIENCE)

    def _record(self, name: str) -> None:
        process = subprocess.Popen(
            [*CARTRAIL, "record", "--database", self.url, "--credentials", str(self.credentials)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert process.stdin is not None and process.stdout is not None
        for number in itertools.count():
            if self._ends.is_set():
                break
            request = {
                "request": "add_person", "event_id": uuid7(SystemClock().now()), "actor": "ADA-1",
                "station": "HUB-1", "staff": f"{name}-{number}", "printed_name": f"Person {name} {number}",
            }  # fmt: skip
            process.stdin.write(orjson.dumps(request) + b"\n")
            process.stdin.flush()
            answer = process.stdout.readline()
            if not answer:
                break
            self.answers.append((orjson.loads(answer), time.monotonic()))
        process.stdin.close()
        self.codes.append(process.wait(PATIENCE))


def lost_machine(cluster: Cluster) -> Callable[[], None]:
    """Kill Patroni and the server of the leader; gives what brings the machine back."""
    leader = until(cluster.leader)
    leader.kill()
    return leader.start


def lost_server(cluster: Cluster) -> Callable[[], None]:
    """Kill the server alone; Patroni brings it back as a standby by itself."""
    until(cluster.leader).postmaster().kill()
    return lambda: None


def frozen_machine(cluster: Cluster) -> Callable[[], None]:
    """The leader's machine stands still until it is let go on."""
    family = until(cluster.leader).family()
    for one in family:
        with suppress(psutil.NoSuchProcess):
            one.suspend()

    def thaw() -> None:
        for one in reversed(family):
            with suppress(psutil.NoSuchProcess):
                one.resume()

    return thaw


FAULTS: Final[Sequence[tuple[str, Callable[[Cluster], Callable[[], None]]]]] = (
    ("server killed", lost_server),
    ("machine lost", lost_machine),
    ("server killed", lost_server),
    ("server killed", lost_server),
    ("machine lost", lost_machine),
    ("machine frozen", frozen_machine),
)


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Three nodes in a folder of their own."""
    folder = Path(tempfile.mkdtemp(prefix="cartrail-ha-"))
    folder.chmod(0o711)
    shutil.chown(folder, "postgres")
    ports = free_ports(2 + 2 * NODES)
    nodes = [Node(f"n{one + 1}", folder, ports[2 + one], ports[2 + NODES + one]) for one in range(NODES)]
    for node in nodes:
        (folder / node.name).mkdir(mode=0o700)
        shutil.chown(folder / node.name, "postgres")
    cluster = Cluster(folder, nodes, (ports[0], ports[1]))
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def main(arguments: Sequence[str]) -> int:
    """Run all faults and print one line each; 0 when nothing was lost and no station saw an error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.parse_args(arguments)
    lacking = [name for name in ("patroni", "etcd", "etcdctl") if shutil.which(name) is None]
    if lacking or os.geteuid() != 0:
        print(
            f"This needs root and {', '.join(lacking) or 'nothing else'}: see docs/operations.md.",
            file=sys.stderr,
        )
        return 1
    began = time.monotonic()
    with running_cluster() as cluster, tempfile.TemporaryDirectory() as config:
        print(f"three nodes, one synchronous, after {time.monotonic() - began:.0f} s")
        cluster.ask(f"CREATE ROLE cartrail LOGIN CREATEROLE PASSWORD '{PASSWORD}'")
        cluster.ask("CREATE DATABASE cartrail OWNER cartrail TEMPLATE template0")
        found(cluster.url("cartrail"), Path(config))
        subprocess.run(
            [*CARTRAIL, "migrate", "--database", cluster.url("cartrail"), "--app-role", "cartrail_app"],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        cluster.ask(f"ALTER ROLE cartrail_app PASSWORD '{PASSWORD}'")
        url = cluster.url("cartrail_app")
        stations = Stations(url, write_credentials(Path(config) / "credentials.toml", PASSWORDS))
        stations.start()
        stations.go_on()
        for name, fault in FAULTS:
            _suffer(cluster, stations, name, fault)
        stations.end()
        return _judged(cluster, stations, url)


def _suffer(
    cluster: Cluster, stations: Stations, name: str, fault: Callable[[Cluster], Callable[[], None]]
) -> None:
    old, began = until(cluster.leader), time.monotonic()
    mend = fault(cluster)
    until(lambda: (new := cluster.leader()) is not None and new.name != old.name, PATIENCE)
    promoted = time.monotonic() - began
    stations.go_on()
    mend()
    cluster.until_whole()
    stations.go_on()
    print(
        f"{name:<15} another leads after {promoted:4.1f} s, longest gap {stations.gap_seconds(began):4.1f} s,"
        f" whole again after {time.monotonic() - began:4.1f} s, {len(stations.answers)} answers"
    )


def _judged(cluster: Cluster, stations: Stations, url: str) -> int:
    stored = {
        (event, sequence, digest)
        for event, sequence, digest in cluster.ask(
            "SELECT event_id, sequence, digest FROM custody_event", "cartrail"
        )
    }
    told = [answer for answer, _ in stations.answers]
    wrong = [answer for answer in told if not answer["ok"]]
    entries = [
        (one["event_id"], one["entries"][0]["sequence"], one["entries"][0]["digest"])
        for one in told
        if one["ok"]
    ]
    lost = [one for one in entries if one not in stored]
    verdict = verify_store(url).exit_code
    doubled = len(entries) - len(set(entries))
    print(f"{len(told)} answers, {len(wrong)} errors, {len(lost)} lost, {doubled} doubled")
    print(f"exit codes of the stations: {sorted(set(stations.codes))}; verify: {verdict}")
    for answer in wrong[:3]:
        print(answer)
    return int(bool(wrong or lost or verdict or any(stations.codes) or len(stations.codes) != STATIONS))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
