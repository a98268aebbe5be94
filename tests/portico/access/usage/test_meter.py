"""Counting usage: nothing twice, and what nobody heard of is tried again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.portico.clocks import ManualClock

from portico.access.usage import Cell, Meter, Spent, repository
from portico.access.usage.repository import Batch, Held
from portico.store import Database, DatabaseUnavailable, Secrets, State

DAY = "2027-01-15"  # of the clock of tests
MAY = Spent("key_1", "partner", "M2027-01-01", 1_801_000_000.0)


@pytest.fixture
def state(database: Database, clock: ManualClock, tmp_path: Path) -> State:
    return State(tmp_path, database, Secrets(Secrets.generate()), clock)


def reported(state: State, *key_ids: str) -> dict[tuple[str, str, str], int]:
    found = state.db.look(repository.report, key_ids)
    return {(cell.key_id, cell.operation, cell.outcome): requests for cell, requests in found}


async def test_requests_are_counted_by_key_operation_outcome_and_day(state: State, clock: ManualClock) -> None:
    meter = Meter(state)
    talk, order = meter.count("key_1", "shop.talk", (MAY,)), meter.count("key_2", "shop.order")
    for status in (200, 204, 404, 500, 304):
        talk.take(1)
        talk.end(status)
    order.refuse()
    order.take(7)
    order.end(499)
    await meter.flush()
    clock.advance(86_400)
    talk.end(200)
    await meter.flush()
    assert reported(state, "key_1") == {
        ("key_1", "shop.talk", "2xx"): 1, ("key_1", "shop.talk", "3xx"): 1,
        ("key_1", "shop.talk", "4xx"): 1, ("key_1", "shop.talk", "5xx"): 1,
    }  # fmt: skip  # of the day after for 2xx: the dictionary holds the later
    days = {
        cell.day: requests for cell, requests in state.db.look(repository.report, ["key_1"]) if cell.outcome == "2xx"
    }
    assert days == {DAY: 2, "2027-01-16": 1}
    assert reported(state, "key_2") == {("key_2", "shop.order", "throttled"): 1, ("key_2", "shop.order", "4xx"): 1}
    assert await meter.held([MAY]) == (Held(5, 0),)


async def test_what_several_processes_count_adds_up(state: State) -> None:
    meters = [Meter(state) for _ in range(4)]
    for meter in meters:
        count = meter.count("key_1", "shop.talk", (MAY,))
        for _ in range(25):
            count.take(2)
            count.end(200)
    await asyncio.gather(*(meter.flush() for meter in meters))
    assert reported(state) == {("key_1", "shop.talk", "2xx"): 100}
    assert await Meter(state).held([MAY]) == (Held(200, 0),)


async def test_a_batch_whose_end_nobody_heard_of_is_added_once(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """The transaction is committed, but the answer is lost on the way."""
    meter = Meter(state)
    count = meter.count("key_1", "shop.talk", (MAY,))
    count.take(1)
    count.end(200)
    real = Database.tx

    async def lost(self: Database, *arguments: Any, **keywords: Any) -> Any:
        await real(self, *arguments, **keywords)
        raise DatabaseUnavailable("the connection broke")

    with monkeypatch.context() as patch:
        patch.setattr(Database, "tx", lost)
        with pytest.raises(DatabaseUnavailable):
            await meter.flush()
        count.take(1)
        count.end(200)
        with pytest.raises(DatabaseUnavailable):
            await meter.flush()
    await meter.flush()
    assert reported(state) == {("key_1", "shop.talk", "2xx"): 2}
    assert await meter.held([MAY]) == (Held(2, 0),)


async def test_nothing_is_lost_while_the_database_is_away(
    state: State, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("portico.access.usage.meter.INTERVAL", 0.01)
    meter = Meter(state)
    count = meter.count("key_1", "shop.talk")

    async def away(*_arguments: Any, **_keywords: Any) -> Any:
        raise DatabaseUnavailable("it is away")

    task = asyncio.create_task(meter.run())
    with monkeypatch.context() as patch:
        patch.setattr(Database, "tx", away)
        for _ in range(10):
            count.end(200)
            await asyncio.sleep(0.02)
    while "recorded again" not in caplog.text:  # noqa: ASYNC110 - a log tells nobody
        await asyncio.sleep(0.01)
    count.end(500)
    task.cancel()  # the last ones are added at the end
    await asyncio.gather(task, return_exceptions=True)
    assert reported(state) == {("key_1", "shop.talk", "2xx"): 10, ("key_1", "shop.talk", "5xx"): 1}
    assert caplog.text.count("is not recorded") == 1


def test_a_large_batch_is_added_in_pieces(state: State) -> None:
    cells = {Cell(f"key_{number}", DAY, "shop.talk", "2xx"): number for number in range(2_000)}
    assert state.db.run(repository.add, Batch("a", 1, cells, {}), 0.0)
    assert not state.db.run(repository.add, Batch("a", 1, cells, {}), 0.0)
    assert sum(requests for _, requests in state.db.look(repository.report, ())) == sum(range(2_000))


def test_processes_that_are_gone_and_quotas_of_long_ago_are_forgotten(state: State, clock: ManualClock) -> None:
    state.db.run(repository.add, Batch("a", 1, {}, {MAY: 3}), clock())
    state.db.run(repository.tidy, MAY.ends_at)
    assert state.db.look(repository.held, [MAY])
    state.db.run(repository.tidy, MAY.ends_at + 41 * 86_400)
    assert not state.db.look(repository.held, [MAY])
    assert state.db.run(repository.add, Batch("a", 1, {}, {}), clock())  # nobody remembers that process


async def test_a_flush_ends_while_requests_keep_coming(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under load something is counted during every transaction: that is for the next batch."""
    meter = Meter(state)
    count = meter.count("key_1", "shop.talk", (MAY,))
    count.take(1)
    real, transactions = Database.tx, 0

    async def busy(self: Database, *arguments: Any, **keywords: Any) -> Any:
        nonlocal transactions
        transactions += 1
        count.take(1)
        return await real(self, *arguments, **keywords)

    monkeypatch.setattr(Database, "tx", busy)
    await asyncio.wait_for(meter.flush(), 10)
    assert transactions == 1
    assert await meter.held([MAY]) == (Held(3, 0),)  # what came during its own transaction is in it


async def test_whatever_goes_wrong_counting_goes_on(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    meter = Meter(state)
    monkeypatch.setattr("portico.access.usage.meter.INTERVAL", 0.01)
    failed, tx = asyncio.Event(), Database.tx

    async def wrong(self: Database, *arguments: Any, **keywords: Any) -> Any:
        if not failed.is_set():
            failed.set()
            raise ValueError("nobody thought of this")
        return await tx(self, *arguments, **keywords)

    monkeypatch.setattr(Database, "tx", wrong)
    meter.count("key_1", "shop.talk").end(200)
    working = asyncio.create_task(meter.run())
    await failed.wait()
    for _ in range(1_000):
        if working.done() or reported(state, "key_1"):
            break
        await asyncio.sleep(0.01)
    assert not working.done()
    working.cancel()
    assert reported(state, "key_1") == {("key_1", "shop.talk", "2xx"): 1}


async def test_an_operation_with_a_very_long_name_stops_no_batch(state: State) -> None:
    """PostgreSQL takes no more than its column has, and the batch would be tried again for ever."""
    meter = Meter(state)
    meter.count("key_1", "shop." + "x" * 400).end(200)
    meter.count("key_2", "shop.talk").end(200)
    await meter.flush()
    assert sum(reported(state).values()) == 2
