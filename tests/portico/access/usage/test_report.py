"""What is told of usage: sums, and what is left of quotas, on each database."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.portico.access.plans.test_plans import load
from tests.portico.clocks import ManualClock

from portico.access.keys import ApiKey
from portico.access.keys.repository import Window, add, grant
from portico.access.plans.repository import holders
from portico.access.usage import Cell, Spent, report, repository
from portico.access.usage.repository import Batch
from portico.store import Database

PLANS = """
plans:
  partner:
    quota: {limit: 1000, period: MONTH}
    zone: Europe/Berlin
    operations:
      shop.placeOrder: {quota: {limit: 30, period: DAY, offset: 6h}}
      shop.listOrders: {throttle: {rate: 1}}
  free: {throttle: {rate: 9}}
"""
OF_DAYS = {
    Cell("key_1", "2027-01-13", "shop.list", "2xx"): 1,
    Cell("key_1", "2027-01-14", "shop.list", "2xx"): 10,
    Cell("key_1", "2027-01-14", "shop.list", "5xx"): 2,
    Cell("key_1", "2027-01-14", "shop.order", "throttled"): 4,
    Cell("key_1", "2027-01-15", "shop.order", "2xx"): 20,
    Cell("key_2", "2027-01-15", "shop.order", "4xx"): 100,
}


@pytest.fixture
def counted(database: Database, clock: ManualClock) -> Database:
    for number in (1, 2):  # of two processes
        with database.engine.begin() as connection:
            repository.add(connection, Batch(f"process {number}", 1, OF_DAYS, {}), clock())
    return database


def key(id: str, *plans: str) -> ApiKey:
    return ApiKey(id=id, name=id, plans=plans, created_at=0.0)


def test_requests_are_summed_up_by_what_is_asked(counted: Database) -> None:
    found = counted.look(report.lines, ["day", "operation"], ["key_1"], since="2027-01-14")
    assert [(line.of, line.requests, line.throttled) for line in found] == [
        (("2027-01-14", "shop.list"), 24, 0),
        (("2027-01-14", "shop.order"), 0, 8),
        (("2027-01-15", "shop.order"), 40, 0),
    ]
    assert report.total(found).outcomes == {"2xx": 60, "5xx": 4, "throttled": 8}
    (all_of_it,) = counted.look(report.lines, [], ["key_1"], until="2027-01-13")
    assert (all_of_it.of, all_of_it.outcomes) == ((), {"2xx": 2})
    everybody = counted.look(report.lines, ["key_id"])
    assert [(line.of, line.requests) for line in everybody] == [(("key_1",), 66), (("key_2",), 200)]
    assert counted.look(report.lines, ["day"], ["key_3"]) == []


def test_what_is_left_of_quotas_is_told_in_the_plans_zone(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    plans = load(tmp_path, PLANS)
    acme = key("key_1", "gone", "partner", "free")
    (month, day) = database.look(report.left, acme, plans, clock())
    berlin = ZoneInfo("Europe/Berlin")  # the clock stands at 09:00 there
    assert (month.plan, month.operation, month.left, month.resets_at) == (
        "partner", "", 1000, datetime(2027, 2, 1, tzinfo=berlin),
    )  # fmt: skip
    assert (day.operation, day.left, day.resets_at) == ("shop.placeOrder", 30, datetime(2027, 1, 16, 6, tzinfo=berlin))
    spent = {
        Spent(acme.id, "partner", "M2027-01-01", month.resets_at.timestamp()): 400,
        Spent(acme.id, "partner", "M2026-12-01", clock() - 86_400): 900,  # of the month before
        Spent(acme.id, "partner/shop.placeOrder", "D2027-01-15", day.resets_at.timestamp()): 50,
        Spent("key_2", "partner", "M2027-01-01", month.resets_at.timestamp()): 600,
    }
    with database.engine.begin() as connection:
        repository.add(connection, Batch("process", 1, {}, spent), clock())
        grant(connection, acme.id, Window("partner", "M2027-01-01", month.resets_at.timestamp()), 50)
    (month, day) = database.look(report.left, acme, plans, clock())
    assert (month.used, month.granted, month.left) == (400, 50, 650)
    assert (day.used, day.left) == (50, 0)  # the quota was greater when they were used
    assert database.look(report.left, key("key_3", "free"), plans, clock()) == []


def test_the_keys_of_each_plan_are_counted(database: Database) -> None:
    assert database.look(holders) == {}
    keys = [key(f"key_{number}", "partner") for number in range(5)]
    keys += [key("key_a", "partner", "free"), key("key_b", "free", "partner"), key("key_c")]
    with database.engine.begin() as connection:
        add(connection, keys)
    assert database.look(holders) == {"partner": 7, "free": 2}
