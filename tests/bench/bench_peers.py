"""One durable event through `Tracker` against what others take to keep a trail of one change, in turns.

All write to SQLite files on the same disk, in write-ahead mode with synchronous=FULL, each change committed
alone. They keep what changed; none of them decides, chains or projects.
Run with `python -m tests.bench.bench_peers [turns] [folder]`; `make bench` installs the peers.
"""

import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from tests.bench.bench_tracker import Through, prepared
from tests.bench.table import Row, show, size_and_folder

TURNS = 15
EACH_TURN = 20
PLACES = ("tank", "dock")

Work = Callable[[int], None]


def eventsourcing(path: Path) -> Work:
    """An aggregate of the library eventsourcing: loaded, changed and saved each time; a new one each turn."""
    from eventsourcing.application import Application
    from eventsourcing.domain import Aggregate, event

    class Bag(Aggregate):  # type: ignore[misc]
        def __init__(self) -> None:
            self.place = "bench"

        @event("Moved")  # type: ignore[untyped-decorator]
        def move(self, place: str) -> None:
            self.place = place

    application: Any = Application(
        env={"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(path)}
    )

    def record(count: int) -> None:
        bag: Any = Bag()
        application.save(bag)
        for number in range(count):
            loaded = application.repository.get(bag.id)
            loaded.move(PLACES[number % 2])
            application.save(loaded)

    return record


def simple_history(path: Path) -> Work:
    """A model of django-simple-history: changed and saved, its history row with it."""
    import django
    from django.conf import settings

    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(path),
                "OPTIONS": {"init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL"},
            }
        },
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "simple_history"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
    )
    django.setup()
    from django.contrib.auth.models import User
    from django.contrib.contenttypes.models import ContentType
    from django.db import connection, models, transaction
    from simple_history.models import HistoricalRecords

    class Bag(models.Model):  # type: ignore[misc]
        place = models.CharField(max_length=40)
        history = HistoricalRecords()

        class Meta:
            app_label = "auth"

    with connection.schema_editor() as editor:
        for model in (ContentType, User, Bag, Bag.history.model):
            editor.create_model(model)
    bag = Bag.objects.create(place="bench")

    def record(count: int) -> None:
        for number in range(count):
            with transaction.atomic():
                bag.place = PLACES[number % 2]
                bag.save()

    return record


def continuum(path: Path) -> Work:
    """A versioned model of SQLAlchemy-Continuum: changed and committed."""
    import sqlalchemy as sa
    from sqlalchemy.orm import DeclarativeBase, Mapped, Session, configure_mappers, mapped_column
    from sqlalchemy_continuum import make_versioned

    make_versioned(user_cls=None)

    class Base(DeclarativeBase):
        pass

    class Bag(Base):
        __versioned__: ClassVar[dict[str, object]] = {}
        __tablename__ = "bag"
        id: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
        place: Mapped[str] = mapped_column(sa.String)

    configure_mappers()
    engine = durable(path)
    Base.metadata.create_all(engine)
    session = Session(engine)
    bag = Bag(place="bench")
    session.add(bag)
    session.commit()

    def record(count: int) -> None:
        for number in range(count):
            bag.place = PLACES[number % 2]
            session.commit()

    return record


def audit_row(path: Path) -> Work:
    """A row of a SQLModel table: who, when, what, committed."""
    from sqlmodel import Field, Session, SQLModel

    class Audit(SQLModel, table=True):
        id: int | None = Field(default=None, primary_key=True)
        at: datetime
        who: str
        what: str

    engine = durable(path)
    Audit.__table__.create(engine)  # type: ignore[attr-defined]
    session = Session(engine)

    def record(count: int) -> None:
        for number in range(count):
            place = PLACES[number % 2]
            session.add(Audit(at=datetime.now(UTC), who="TECH-A1", what=f'{{"place": "{place}"}}'))
            session.commit()

    return record


def durable(path: Path) -> Any:
    """An engine of SQLAlchemy that writes as ours does."""
    import sqlalchemy as sa

    engine = sa.create_engine(f"sqlite:///{path}")

    @sa.event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")

    return engine


PEERS: Sequence[tuple[str, Callable[[Path], Work], float]] = (
    ("eventsourcing, load and save", eventsourcing, 1.5),
    ("django-simple-history", simple_history, 1.5),
    ("SQLAlchemy-Continuum", continuum, 3),
    ("a bare SQLModel audit row", audit_row, 0.9),
)
"""Each peer and how many times as long as ours it should take."""


def each(work: Work) -> float:
    """Milliseconds for one change."""
    began = time.perf_counter()
    work(EACH_TURN)
    return (time.perf_counter() - began) / EACH_TURN * 1000


def rows(arguments: Sequence[str]) -> Iterator[Row]:
    """Ours, and each peer over ours."""
    turns, base = size_and_folder(arguments, TURNS)
    with tempfile.TemporaryDirectory(dir=base) as place:
        through = Through(prepared(Path(place)))
        peers = [(name, peer(Path(place) / f"{peer.__name__}.db"), aim) for name, peer, aim in PEERS]
        works = [through.record, *(work for _, work, _ in peers)]
        for work in works:
            work(EACH_TURN)
        taken = [[each(work) for work in works] for _ in range(turns)]
    ours, *others = zip(*taken, strict=True)
    yield Row("Tracker.record beside its peers", statistics.median(ours), "ms")
    for (name, _, aim), times in zip(peers, others, strict=True):
        ratio = statistics.median(their / our for our, their in zip(ours, times, strict=True))
        yield Row(f"{name}, over ours", ratio, "x", at_least=aim)


if __name__ == "__main__":
    show(rows(sys.argv[1:]))
