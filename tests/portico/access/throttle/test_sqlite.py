"""The store in a file, when the file is not what it should be."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import sqlite3
import stat
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from tests.portico.clocks import ManualClock

from portico.access.throttle import Bucket, LimitStoreUnavailable, Taken
from portico.access.throttle.sqlite import TOGETHER, Request, SQLiteStore

ONE = (Bucket("key:acme", 3, 1e-6),)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "private" / "limits"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(now=1000.0)


@pytest.fixture
def store(path: Path, clock: ManualClock) -> Iterator[SQLiteStore]:
    store = SQLiteStore(path, clock, wall=clock)
    yield store
    store._file.close()


def take(store: SQLiteStore, buckets: Sequence[Bucket], cost: float) -> Taken:
    """A request that comes alone."""
    (taken,) = store.take_at_once([Request(buckets, cost)])
    return taken


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Somebody else writes for a long time."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_its_files_are_for_their_owner_only(store: SQLiteStore, path: Path):
    take(store, ONE, 1.0)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {"limits": 0o600, "limits-wal": 0o600, "limits-shm": 0o600, "limits.lock": 0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_file_that_others_keep_is_waited_for_once_and_then_left_alone(
    store: SQLiteStore, path: Path, clock: ManualClock
):
    take(store, ONE, 1.0)
    with held(path):
        with pytest.raises(LimitStoreUnavailable, match=r"others keep it for more than 0\.5 s"):
            take(store, ONE, 1.0)
        begun = time.monotonic()
        for _ in range(100):
            with pytest.raises(LimitStoreUnavailable):
                take(store, ONE, 1.0)
        assert time.monotonic() - begun < 0.5, "a hundred did not wait"
        clock.advance(1)
        with pytest.raises(LimitStoreUnavailable):
            take(store, ONE, 1.0)
        clock.advance(1.5)  # it is left alone for longer each time
        waited = time.monotonic()
        with pytest.raises(LimitStoreUnavailable):
            take(store, ONE, 1.0)
        assert time.monotonic() - waited < 0.4
    clock.advance(1)
    assert take(store, ONE, 1.0).levels == pytest.approx((2,), abs=0.01)


async def test_who_is_refused_needs_no_turn_to_write(store: SQLiteStore, path: Path):
    for _ in range(4):
        take(store, ONE, 1.0)
    with held(path):
        assert not take(store, ONE, 1.0).admitted
        assert await store.read(ONE) == pytest.approx((3,), abs=0.01)


def test_what_others_wrote_since_it_was_read_is_read_again(store: SQLiteStore, path: Path, clock: ManualClock):
    """A reader that finds it may write has to begin again where somebody wrote in between (SQLITE_BUSY_SNAPSHOT)."""
    other = SQLiteStore(path, clock)
    full = (Bucket("key:full", 1, 0.0),)
    take(store, full, 1.0)  # refused: it begins as a reader now
    asked = 0

    def clock_that_lets_others_in() -> float:
        nonlocal asked
        asked += 1
        if asked == 1:
            take(other, ONE, 2.0)
        return clock.now

    store._clock = clock_that_lets_others_in
    assert take(store, ONE, 1.0).levels == (3,)
    assert asked == 2
    other._file.close()


def test_a_deleted_file_is_made_again_within_a_second(
    store: SQLiteStore, path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
):
    take(store, ONE, 3.0)
    path.unlink()
    clock.advance(1.1)
    assert take(store, ONE, 1.0).levels == (1,)
    other = SQLiteStore(path, clock)
    assert take(other, ONE, 1.0).levels == (2,)
    other._file.close()
    assert "were deleted or replaced" in caplog.text


@pytest.mark.parametrize("leftover", ["", "-wal", "-shm"])
def test_leftovers_of_another_file_are_not_taken_for_its_log(path: Path, clock: ManualClock, leftover: str):
    path.parent.mkdir()
    path.with_name(path.name + leftover).write_bytes(os.urandom(40_000))
    store = SQLiteStore(path, clock)
    assert take(store, ONE, 1.0).levels == (1,)
    store._file.close()


@pytest.mark.parametrize("damaged", [["limits-wal"], ["limits", "limits-wal"]])
def test_a_damaged_file_begins_anew_once_and_says_so(
    store: SQLiteStore, path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture, damaged: list[str]
):
    """Two have it open: one makes a new one, the other finds it."""
    other = SQLiteStore(path, clock)
    for number in range(200):
        take(store, (Bucket(f"key:{number}", 3, 1e-6),), 1.0)
        take(other, (Bucket(f"key:{number}", 3, 1e-6),), 1.0)
    for name in damaged:
        with path.with_name(name).open("r+b") as file:
            file.truncate(60_000)
            file.write(b"x" * 60_000)
    for one in (store, other, store, other):
        clock.advance(1.1)
        assert take(one, (Bucket("key:new", 30, 1e-6),), 1.0).admitted
    assert take(store, (Bucket("key:new", 30, 1e-6),), 1.0).levels == pytest.approx((5,), abs=0.01)
    assert caplog.text.count("begin anew") == 1
    other._file.close()


def test_a_file_with_other_tables_begins_anew(path: Path, clock: ManualClock):
    path.parent.mkdir()
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE buckets (something)")
    store = SQLiteStore(path, clock)
    assert take(store, ONE, 1.0).levels == (1,)
    store._file.close()


@pytest.mark.parametrize("where", ["/proc/limits", "/dev/null/limits", "/proc"])
def test_a_place_that_cannot_be_written_to_is_told(where: str):
    store = SQLiteStore(Path(where))
    for _ in range(2):
        with pytest.raises(LimitStoreUnavailable, match="cannot be used"):
            take(store, ONE, 1.0)


def in_child(work: object) -> int:
    """The exit code of a fork that does something: 0 where it returns."""
    child = os.fork()
    if child == 0:
        try:
            work()  # type: ignore[operator]
            os._exit(0)
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_full_disk_is_told_and_forgotten_when_there_is_room(path: Path, clock: ManualClock):
    def work() -> None:
        store = SQLiteStore(path, clock)
        take(store, ONE, 1.0)
        largest = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, largest[1]))
        refused = 0
        for number in range(100):
            clock.advance(2)
            try:
                take(store, (Bucket(f"key:{number}", 3, 1e-6),), 1.0)
            except LimitStoreUnavailable:
                refused += 1
        assert refused > 10
        resource.setrlimit(resource.RLIMIT_FSIZE, largest)
        clock.advance(2)
        assert take(store, (Bucket("key:after", 3, 1e-6),), 1.0).admitted

    assert in_child(work) == 0


def test_a_fork_opens_it_anew_and_takes_nothing_from_its_parent(store: SQLiteStore, path: Path, clock: ManualClock):
    take(store, ONE, 1.0)
    assert in_child(lambda: take(store, ONE, 1.0)) == 0
    assert take(store, ONE, 1.0).levels == pytest.approx((3,), abs=0.01)


async def test_a_sweep_leaves_the_newest_addresses_and_all_others(path: Path, clock: ManualClock):
    store = SQLiteStore(path, clock, wall=clock, most=1_000)
    for number in range(3_000):
        clock.advance(0.001)
        take(store, (Bucket(f"address:{number * 7919 % 3_000}", 3, 1e-6),), 1.0)
    for number in range(700):
        take(store, (Bucket(f"key:{number}", 3, 1e-6),), 1.0)
    await store.sweep()
    with contextlib.closing(sqlite3.connect(path)) as look:
        kept = look.execute("SELECT count(*), min(at) FROM buckets WHERE name LIKE 'address:%'").fetchone()
        assert look.execute("SELECT count(*) FROM buckets WHERE name LIKE 'key:%'").fetchone() == (700,)
    assert 900 <= kept[0] <= 1_100
    assert kept[1] > 1001.8
    await store.close()


async def test_it_can_be_used_again_after_it_was_closed(store: SQLiteStore):
    take(store, ONE, 1.0)
    await store.close()
    assert take(store, ONE, 1.0).levels == pytest.approx((2,), abs=0.01)


async def test_all_that_come_in_one_turn_share_a_transaction(store: SQLiteStore):
    wide = Bucket("project", 1_000, 1e-6)
    asked = [(wide, Bucket(f"key:{number}", 3, 1e-6)) for number in range(TOGETHER)] * 3
    transacted: list[str] = []
    transact = store._file.transact
    store._file.transact = lambda begin, work: transacted.append(begin) or transact(begin, work)  # type: ignore
    taken = await asyncio.gather(*(store.take(buckets, 1.0) for buckets in asked))
    assert transacted == ["BEGIN IMMEDIATE"] * 3
    assert [round(one.levels[0] or 0) for one in taken] == [*range(1, 3 * TOGETHER + 1)]


async def test_who_goes_away_before_it_is_their_turn_takes_nothing(store: SQLiteStore):
    stays, goes = asyncio.ensure_future(store.take(ONE, 1.0)), asyncio.ensure_future(store.take(ONE, 1.0))
    goes.cancel()
    assert (await stays).levels == (1,)
    assert await store.read(ONE) == pytest.approx((1,), abs=0.01)


async def test_a_name_that_cannot_be_written_harms_none_of_those_beside_it(store: SQLiteStore):
    odd = (Bucket("half\ud800", 2, 1e-6),)
    taken = await asyncio.gather(*(store.take(buckets, 1.0) for buckets in (ONE, odd, ONE, odd, odd)))
    assert [one.admitted for one in taken] == [True, True, True, True, False]


async def test_all_who_wait_hear_that_the_file_cannot_be_used():
    store = SQLiteStore(Path("/proc/limits"))
    told = await asyncio.gather(*(store.take(ONE, 1.0) for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in told] == [LimitStoreUnavailable] * 3
