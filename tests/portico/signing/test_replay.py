"""Every guard lets a signature through once, whatever happens at the same time."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.portico import postgres
from tests.portico.signing.requests import KEY, NOW, REGION, arrived

from portico import config
from portico.secret import Secret
from portico.signing import (
    MemoryReplayGuard,
    NonceMissing,
    Received,
    ReplayGuard,
    ReplayGuardFull,
    SharedReplayGuard,
    SignatureReplayed,
    check_replay,
    guard_for,
    present,
    presign,
    sign,
)
from portico.signing.replay.database import DatabaseReplayGuard
from portico.store import Database

SKEW = 300.0  # seconds
UNTIL = NOW + SKEW
URL = "https://shop.example/concierge/v1/orders"


def some_signature() -> str:
    return secrets.token_hex(32)


@pytest.fixture(params=["memory", "shared", "sqlite", "postgresql"])
async def guard(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ReplayGuard]:
    with ExitStack() as stack:
        if request.param == "memory":
            guard: ReplayGuard = MemoryReplayGuard()
        elif request.param == "shared":
            guard = SharedReplayGuard(tmp_path / "new" / "replay.sqlite3")
        else:
            database = Database.open(config.Database(url=database_url(request, tmp_path, stack)), root=tmp_path)
            stack.callback(database.close)
            guard = DatabaseReplayGuard(database)
        yield guard
        await guard.close()


def database_url(request: pytest.FixtureRequest, tmp_path: Path, stack: ExitStack) -> Secret:
    if request.param == "postgresql":
        cluster: postgres.Cluster = request.getfixturevalue("cluster")
        return Secret(stack.enter_context(cluster.borrow()))
    path = tmp_path / "portico.sqlite3"
    shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
    return Secret(f"sqlite:///{path}")


async def first_seen(guard: ReplayGuard, signature: str, until: float, now: float) -> bool:
    answer = guard.first_seen(signature, until, now)
    return answer if isinstance(answer, bool) else await answer


async def test_a_signature_is_seen_first_once(guard: ReplayGuard) -> None:
    one, other = some_signature(), some_signature()
    assert await first_seen(guard, one, UNTIL, NOW)
    assert await first_seen(guard, other, UNTIL, NOW)
    assert not await first_seen(guard, one, UNTIL, NOW)
    assert not await first_seen(guard, other, UNTIL, NOW + SKEW)


async def test_of_many_at_once_one_is_first(guard: ReplayGuard) -> None:
    one = some_signature()
    answers = await asyncio.gather(*[first_seen(guard, one, UNTIL, NOW) for _ in range(20)])
    assert sum(answers) == 1


async def test_it_is_remembered_to_the_last_second(guard: ReplayGuard) -> None:
    marks = [some_signature() for _ in range(50)]
    for second, mark in enumerate(marks):
        assert await first_seen(guard, mark, NOW + second + SKEW, NOW + second)
    for second, mark in enumerate(marks):
        assert not await first_seen(guard, mark, NOW + second + SKEW, NOW + second + SKEW)


async def test_what_nobody_accepts_any_more_is_forgotten(guard: ReplayGuard) -> None:
    one = some_signature()
    assert await first_seen(guard, one, UNTIL, NOW)
    assert await first_seen(guard, one, UNTIL, UNTIL + 120)  # `verify` refuses it by then


async def test_a_clock_that_is_set_back_lets_nothing_through_twice(guard: ReplayGuard) -> None:
    one = some_signature()
    assert await first_seen(guard, one, UNTIL, NOW)
    assert not await first_seen(guard, one, UNTIL, NOW - 30)
    assert not await first_seen(guard, one, UNTIL, NOW + 30)


async def fill(guard: ReplayGuard) -> None:
    for _ in range(10_000):
        await first_seen(guard, some_signature(), UNTIL, NOW)


async def test_a_full_memory_lets_nothing_through_and_makes_room_with_time() -> None:
    guard = MemoryReplayGuard(limit=20_000)
    first = some_signature()
    await first_seen(guard, first, UNTIL, NOW)
    with pytest.raises(ReplayGuardFull):
        await fill(guard)
    assert not await first_seen(guard, first, UNTIL, NOW)
    assert await first_seen(guard, some_signature(), UNTIL, NOW + 1)  # packed
    assert await first_seen(guard, some_signature(), UNTIL + 600, UNTIL + 2)
    assert guard.size < 2_000


async def test_a_full_file_lets_nothing_through(tmp_path: Path) -> None:
    guard = SharedReplayGuard(tmp_path / "replay.sqlite3", limit=65_536)
    with pytest.raises(ReplayGuardFull, match="full"):
        await fill(guard)
    assert await first_seen(guard, some_signature(), UNTIL + 600, UNTIL + 2)
    await guard.close()


async def test_a_full_table_lets_nothing_through(database: Database) -> None:
    guard = DatabaseReplayGuard(database, limit=3)
    for _ in range(3):
        assert await first_seen(guard, some_signature(), UNTIL, NOW)
    with pytest.raises(ReplayGuardFull):
        await first_seen(guard, some_signature(), UNTIL, NOW)
    assert await first_seen(guard, some_signature(), UNTIL + 600, UNTIL + 120)


async def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "replay.sqlite3"
    path.write_bytes(b"this is no database" * 500)
    guard = SharedReplayGuard(path)
    assert await first_seen(guard, some_signature(), UNTIL, NOW)
    await guard.close()
    assert path.stat().st_mode & 0o077 == 0


RACE = """
import sys
from pathlib import Path
from portico.signing import SharedReplayGuard

guard = SharedReplayGuard(Path(sys.argv[1]))
marks = [f"{number:016x}{0:048x}" for number in range(2, 1002, 2)]
print("ready", flush=True)
sys.stdin.readline()
print(sum(guard.first_seen(mark, float(sys.argv[2]), float(sys.argv[3])) for mark in marks))
"""


def test_of_several_workers_one_sees_a_signature_first(tmp_path: Path) -> None:
    command = [sys.executable, "-c", RACE, str(tmp_path / "replay.sqlite3"), str(UNTIL), str(NOW)]
    workers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    firsts = [int(worker.communicate("go\n")[0]) for worker in workers]
    assert sum(firsts) == 500


def received(method: str = "POST", **headers: str) -> Received:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return arrived(method, URL, sign(method, URL, given, b"", KEY, region=REGION, now=NOW))


async def check(guard: ReplayGuard, one: Received, mode: str = "signature", now: float = NOW) -> None:
    presented = present(one)
    assert presented is not None
    await check_replay(guard, one, presented, mode=mode, skew=SKEW, now=now)  # type: ignore[arg-type]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_a_replayed_unsafe_request_is_refused(guard: ReplayGuard, method: str) -> None:
    await check(guard, received(method))
    with pytest.raises(SignatureReplayed):
        await check(guard, received(method), now=NOW + SKEW)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_two_honest_safe_requests_in_one_second_pass(guard: ReplayGuard, method: str) -> None:
    await check(guard, received(method))
    await check(guard, received(method))


async def test_a_retry_that_is_signed_again_passes(guard: ReplayGuard) -> None:
    await check(guard, received())
    later = arrived("POST", URL, sign("POST", URL, {}, b"", KEY, region=REGION, now=NOW + 1))
    await check(guard, later, now=NOW + 1)


async def test_a_replayed_presigned_request_is_refused_until_it_expires(guard: ReplayGuard) -> None:
    one = arrived("DELETE", presign("DELETE", URL, KEY, region=REGION, now=NOW, expires=3_600), {})
    await check(guard, one)
    with pytest.raises(SignatureReplayed):
        await check(guard, one, now=NOW + 3_600)


async def test_a_nonce_counts_once_even_when_the_request_is_signed_again(guard: ReplayGuard) -> None:
    await check(guard, received(x_amz_nonce="0123456789abcdef"), mode="nonce")
    for later in (1, 5, 200, 299, 300):
        again = sign("POST", URL, {"x-amz-nonce": "0123456789abcdef"}, b"", KEY, region=REGION, now=NOW + later)
        with pytest.raises(SignatureReplayed):
            await check(guard, arrived("POST", URL, again), mode="nonce", now=NOW + later)
    await check(guard, received(x_amz_nonce="0123456789abcdeg"), mode="nonce")


@pytest.mark.parametrize("headers", [{}, {"x_amz_nonce": "short"}, {"x_amz_nonce": "x" * 129}])
async def test_an_operation_that_wants_a_nonce_says_so(headers: dict[str, str]) -> None:
    with pytest.raises(NonceMissing, match="x-amz-nonce"):
        await check(MemoryReplayGuard(), received(**headers), mode="nonce")


async def test_an_operation_may_turn_the_guard_off() -> None:
    guard = MemoryReplayGuard()
    await check(guard, received(), mode="off")
    await check(guard, received(), mode="off")
    assert guard.size == 0


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_the_guard_fits_how_a_project_is_served_on_one_machine(database: Database, tmp_path: Path) -> None:
    assert isinstance(guard_for(database, root=tmp_path, workers=1), MemoryReplayGuard)
    assert isinstance(guard_for(database, root=tmp_path, workers=2), SharedReplayGuard)


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_the_guard_fits_how_a_project_is_served_on_many_machines(database: Database, tmp_path: Path) -> None:
    assert isinstance(guard_for(database, root=tmp_path, workers=1), DatabaseReplayGuard)
