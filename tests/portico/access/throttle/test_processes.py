"""Several processes that share a store are held to its limits together, exactly."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.portico import redis

from portico.access.throttle import Bucket
from portico.access.throttle.redis import RedisStore
from portico.access.throttle.sqlite import SQLiteStore
from portico.secret import Secret

ROOT = Path(__file__).parents[4]
RATE, BURST = 200, 50


@dataclass(frozen=True)
class Ran:
    """What the processes said."""

    most: float  # seconds from before the first take until after the last
    least: float  # seconds from after the first take until before the last: what the machine is busy with lies between
    admitted: list[int]  # by key


@pytest.fixture(params=["sqlite", "redis"])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """Where the store is."""
    if request.param == "sqlite":
        return {"url": "", "path": str(tmp_path / "limits"), "prefix": ""}
    server: redis.Server = request.getfixturevalue("redis_server")
    return {"url": server.url, "path": "", "prefix": server.prefix()}


class Processes:
    """Workers that begin together."""

    def __init__(self, stack: ExitStack, settings: list[Mapping[str, object]]) -> None:
        self.all = [stack.enter_context(self._start(one)) for one in settings]
        for one in self.all:
            assert one.stdout is not None
            assert one.stdout.readline() == "ready\n"

    @staticmethod
    def _start(settings: Mapping[str, object]) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.portico.access.throttle.worker", json.dumps(settings)]
        return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def go(self) -> None:
        for one in self.all:
            assert one.stdin is not None
            one.stdin.write("go\n")
            one.stdin.flush()

    def ran(self) -> Ran:
        said = [json.loads(one.communicate()[0]) for one in self.all if one.returncode is None]
        return Ran(
            max(one["last"] for one in said) - min(one["first"] for one in said),
            max(one["asked"] for one in said) - min(one["answered"] for one in said),
            [sum(numbers) for numbers in zip(*(one["admitted"] for one in said), strict=True)],
        )


def run(*settings: Mapping[str, object]) -> Ran:
    with ExitStack() as stack:
        processes = Processes(stack, list(settings))
        processes.go()
        return processes.ran()


def is_exact(ran: Ran) -> bool:
    return 0.99 * (RATE * ran.least + BURST) <= ran.admitted[0] <= RATE * ran.most + BURST


def test_four_processes_are_held_to_one_limit(shared: dict[str, str]):
    ran = run(*[{**shared, "keys": 1, "rate": RATE, "burst": BURST}] * 4)
    assert is_exact(ran), ran


def test_two_machines_whose_clocks_differ_are_held_to_one_limit(redis_server: redis.Server):
    shared = {"url": redis_server.url, "path": "", "prefix": redis_server.prefix(), "keys": 1}
    machines = [{**shared, "rate": RATE, "burst": BURST, "ahead": ahead} for ahead in (0, 3_600)]
    ran = run(*machines, *machines)
    assert is_exact(ran), ran


def test_four_processes_are_held_to_the_limits_of_a_thousand_keys(shared: dict[str, str]):
    ran = run(*[{**shared, "keys": 1_000, "rate": 2, "burst": 5}] * 4)
    assert max(ran.admitted) <= 2 * ran.most + 5
    assert min(ran.admitted) >= 2 * (ran.least - 1.5) + 5 - 1  # when each was last tried


def test_a_quota_used_by_four_processes_is_used_exactly(shared: dict[str, str]):
    ran = run(*[{**shared, "keys": 3, "rate": 1e6, "burst": 1e6, "quota": 1_000, "seconds": 60}] * 4)
    assert sum(ran.admitted) == 1_000


async def test_a_quota_is_exact_though_one_process_is_killed(shared: dict[str, str], tmp_path: Path):
    """What it had taken and not yet been told of is used up; nothing is admitted twice."""
    records = [tmp_path / f"record-{number}" for number in range(4)]
    settings = {**shared, "keys": 1, "rate": 1e6, "burst": 1e6, "quota": 1_000, "seconds": 60, "pause": 0.001}
    with ExitStack() as stack:
        processes = Processes(stack, [{**settings, "record": str(record)} for record in records])
        victim = processes.all[0]
        kill = threading.Thread(target=wait_and_kill, args=(victim, records[0]))
        kill.start()
        processes.go()
        kill.join()
        victim.wait()
        processes.ran()
    told = sum(record.stat().st_size for record in records)
    assert victim.returncode == -signal.SIGKILL
    assert 1_000 - 8 <= told <= 1_000
    store = RedisStore(Secret(shared["url"]), shared["prefix"]) if shared["url"] else SQLiteStore(Path(shared["path"]))
    assert await store.read([Bucket("quota:all", 1_000, 0.0)]) == (1_000,)
    await store.close()


def wait_and_kill(victim: subprocess.Popen[str], record: Path) -> None:
    """In the midst of its work."""
    while victim.poll() is None and record.stat().st_size < 20:
        time.sleep(0.0005)  # between two looks
    victim.kill()
