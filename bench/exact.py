"""Whether limits are exact: processes under more load than is admitted, a quota that ends, a worker that is killed."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from bench import limited
from bench.flood import LOST, Flood
from bench.load import Void
from bench.process import LOAD_CORE, SERVER_CORE, Process
from bench.projects import ROOT, WORK, project
from bench.redis import redis_url
from portico import project as projects
from portico.access.keys.repository import by_name
from portico.access.limiter.take import counted
from portico.access.plans import Plans
from portico.access.throttle import store_for
from portico.access.usage.tables import quotas, usage
from portico.secret import Secret
from portico.server.plans import FILE
from portico.store import State
from portico.store.engine import FILE as DATABASE

BOTH = f"{SERVER_CORE},{LOAD_CORE}"  # cores
SECONDS = 10.0
RATE, BURST = 200, 50
MANY, MANY_RATE, MANY_BURST = 1_000, 1, 5  # keys, and what each may call
QUOTA, LONGER_QUOTA = 1_000, 10_000
KILLED_AT = 4_000  # requests that were admitted when a worker is killed
PLANS = {
    "warm": limited.GENEROUS,
    "one": {"throttle": {"rate": RATE, "burst": BURST}},
    "many": {"throttle": {"rate": MANY_RATE, "burst": MANY_BURST}},
    "quota": {"quota": {"limit": QUOTA, "period": "MONTH"}},
    "longer": {"quota": {"limit": LONGER_QUOTA, "period": "MONTH"}},
}
MOST = BURST + int(RATE * SECONDS)
MANY_MOST = MANY_BURST + int(MANY_RATE * SECONDS)


@dataclass(frozen=True)
class Kill:
    """A quota that is used up while a worker is killed."""

    admitted: int  # by the store
    answered: int  # with 200
    lost: int  # requests that the killed worker never answered
    used: int  # of the quota, as the database tells
    counted: int  # answers, as the database tells
    second: int  # what the killed worker answered with 200 in its last second


@dataclass(frozen=True)
class Exact:
    """What was measured of one set of processes."""

    name: str
    sent: int  # with one key
    admitted: int
    many_sent: int  # with many keys
    many: int  # admitted of them together
    many_least: int  # of one key
    many_most: int
    quota: int  # admitted of the quota
    kill: Kill | None  # where a worker was killed


def measure() -> list[Exact]:
    """All sets of processes."""
    return [
        _measure("4 processes, SQLite", "sqlite", machines=1, workers=4),
        _measure("4 processes, Redis", "redis", machines=1, workers=4),
        _measure("2 machines of 2 processes, Redis", "redis", machines=2, workers=2),
    ]


def _measure(name: str, store: str, *, machines: int, workers: int) -> Exact:
    names = {"warm": "warm", "one": "one", "quota": "quota", "longer": "longer"}
    names |= {f"many{number}": "many" for number in range(MANY)}
    folder = project(f"exact-{store}-{machines}", "small")
    limited.write_project(folder, PLANS)
    keys = dict(zip(names, limited.make_keys(folder, names), strict=True))
    with _serving(folder, store, machines=machines, workers=workers) as servers:
        ports = [server.port for server in servers]

        def flood(*named: str) -> Flood:
            return Flood(ports, [limited.keyed(keys[one]) for one in named])

        flood("warm").run(lambda one: False, at_most=2.0)
        single = flood("one")
        single.run(lambda one: False, at_most=SECONDS)
        several = flood(*(one for one in names if names[one] == "many"))
        several.run(lambda one: False, at_most=SECONDS)
        each = Counter(a.request for a in several.answers if a.status == 200 and a.at < SECONDS)
        quota = flood("quota")
        quota.run(lambda one: len(one.answers) >= 3 * QUOTA, at_most=60.0)
        for one in (single, several, quota):
            _expect(one)
        kill = _kill(flood("longer"), servers[0], folder, store) if machines == 1 else None
    return Exact(
        name=name,
        sent=len(single.answers),
        admitted=single.count(200, before=SECONDS),
        many_sent=len(several.answers),
        many=each.total(),
        many_least=min(each[number] for number in range(MANY)),
        many_most=max(each.values()),
        quota=quota.count(200),
        kill=kill,
    )


def _kill(flood: Flood, server: Process, folder: Path, store: str) -> Kill:
    """Kill a worker while its quota is used up."""
    killed = 0.0

    def enough(flood: Flood) -> bool:
        nonlocal killed
        if not killed and flood.count(200) >= KILLED_AT:
            os.kill(server.workers[-1], signal.SIGKILL)
            killed = time.monotonic() - flood.began
        return len(flood.answers) >= 2 * LONGER_QUOTA

    flood.run(enough, at_most=60.0)
    _expect(flood, LOST)
    time.sleep(2.0)  # until all has been added to the database
    broken = {answer.connection for answer in flood.answers if answer.status == LOST}
    last = [a for a in flood.answers if a.connection in broken and a.status == 200 and a.at >= killed - 1.0]
    admitted, used, seen = limited.with_state(folder, lambda state: _told(state, store))
    return Kill(admitted, flood.count(200), flood.count(LOST), used, seen, len(last))


async def _told(state: State, store: str) -> tuple[int, int, int]:
    """What was admitted by the store, what the database tells of the quota, and how many answers it tells."""
    (key,) = await state.db.read(by_name, "longer", 1)
    plans = Plans.load(state.root, projects.load(state.root).apis)
    assert plans is not None
    bucket, _ = counted(key.id, key.quota_revision, plans.all["longer"].own, time.time())
    limits = store_for(Secret(redis_url() if store == "redis" else ""), path=state.root / FILE, prefix="portico")
    (level,) = await limits.read([bucket])
    await limits.close()

    def sums(connection: sa.Connection) -> tuple[int, int]:
        used = sa.select(sa.func.sum(quotas.c.used)).where(quotas.c.key_id == key.id)
        answers = sa.select(sa.func.sum(usage.c.requests)).where(usage.c.key_id == key.id, usage.c.outcome == "2xx")
        return connection.execute(used).scalar_one(), connection.execute(answers).scalar_one()

    return int(level or 0), *(await state.db.read(sums))


@contextlib.contextmanager
def _serving(folder: Path, store: str, *, machines: int, workers: int) -> Iterator[list[Process]]:
    """Servers of a project. Each machine has a copy of it, and the first one's database, as all would have one."""
    environ = {"PYTHONPATH": str(ROOT), "PORTICO_DATABASE_URL": f"sqlite:///{folder / DATABASE}"}
    if store == "redis":
        environ |= {"PORTICO_REDIS_URL": redis_url()}
    servers = []
    try:
        for number in range(machines):
            here = folder if number == 0 else folder.with_name(f"{folder.name}-{number}")
            if number:
                shutil.copytree(folder, here, ignore=shutil.ignore_patterns("run"))
            command = [sys.executable, "-m", "portico", "serve", "--port", "{port}", "--project", str(here)]
            command += ["--workers", str(workers)]
            log = WORK / "logs" / f"{here.name}.log"
            server = Process(command, environ, here, log, "/chat/v1/hello", cores=BOTH)
            servers.append(server)
            server.start()
        yield servers
    finally:
        for server in servers:
            server.stop()


def _expect(flood: Flood, *others: int) -> None:
    """A run with other answers than 200 and 429 is void.

    Raises:
        Void: there are such.
    """
    statuses = Counter(answer.status for answer in flood.answers)
    if set(statuses) - {200, 429, *others} or not statuses[200]:
        raise Void(f"expected 200 and 429: {dict(statuses)}")
