"""The orders, in a SQLite file of the project: every worker process sees the same ones.

The file is `.portico/orders.sqlite3`, or what the variable
`CONCIERGE_ORDERS` names. All functions block for a moment: call them through `asyncio.to_thread`.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

AHEAD = 60  # days that one can order ahead
BOUQUETS_A_DAY = 40  # what the workshop can tie; with AHEAD and KEPT it also bounds the file
KEPT = 30  # days that an order is kept after its delivery

SHOWN = 100  # orders of one person that are listed

_VERSION = 2  # of the schema, in the file's `user_version`
_TABLE = """
create table orders (
    id text primary key,
    owner text not null, -- the subject of whoever placed it; empty: before people could sign in
    product_id text not null,
    price integer not null,
    address text not null,
    delivery_date text not null,
    placed_at text not null,
    idempotency_key text,
    unique (owner, idempotency_key)
) strict
"""
_INDEXES = (
    "create index orders_by_day on orders (delivery_date)",
    "create index orders_by_owner on orders (owner, placed_at)",
)
_TAKE_OVER = """
insert into orders
select id, '', product_id, price, address, delivery_date, placed_at, idempotency_key from orders_before
"""
_SELECT = "select id, product_id, price, address, delivery_date, placed_at from orders"


@dataclass(frozen=True, slots=True)
class Placed:
    """An order that stands. The address is in the file, for the courier only."""

    id: str
    product_id: str
    price: int  # euros, as it was when the order was placed
    delivery_date: date
    placed_at: datetime


class FullyBooked(Exception):
    """The workshop cannot tie another bouquet for that day."""


class KeyReused(Exception):
    """The idempotency key names another order already."""


def delivery_days(today: date) -> tuple[date, date]:
    """The first and the last day that can be ordered for."""
    return today + timedelta(days=1), today + timedelta(days=AHEAD)


def place(
    product_id: str, *, owner: str, price: int, address: str, day: date, now: datetime, key: str | None = None
) -> Placed:
    """Place an order; the same one again, when the key has placed it before.

    Args:
        product_id: the bouquet.
        owner: the subject of whoever orders.
        price: of the bouquet, in euros.
        address: where it goes.
        day: when it is delivered.
        now: the time.
        key: the client's idempotency key, if it has one. Each person's keys are their own.

    Raises:
        FullyBooked: the day has as many orders as the workshop can tie.
        KeyReused: the key has placed an order that is not this one.
    """
    order = Placed(secrets.token_hex(16), product_id, price, day, now)
    with _transaction() as database:
        database.execute("delete from orders where delivery_date < ?", [_text(now.date() - timedelta(days=KEPT))])
        earlier = _earlier(database, owner, key)
        if earlier is not None:
            if (earlier["product_id"], earlier["address"], earlier["delivery_date"]) != (
                product_id,
                address,
                _text(day),
            ):
                raise KeyReused(key)
            return _placed(earlier)
        (taken,) = database.execute("select count(*) from orders where delivery_date = ?", [_text(day)]).fetchone()
        if taken >= BOUQUETS_A_DAY:
            raise FullyBooked(day)
        row = [order.id, owner, product_id, price, address, _text(day), now.isoformat(), key]
        database.execute("insert into orders values (?, ?, ?, ?, ?, ?, ?, ?)", row)
    return order


def find(order_id: str, *, owner: str) -> Placed | None:
    """The order of that id, if there is one and it is this person's."""
    with _transaction() as database:
        found = database.execute(f"{_SELECT} where id = ? and owner = ?", [order_id, owner])
        row = found.fetchone()
    return None if row is None else _placed(row)


def of(owner: str) -> list[Placed]:
    """The orders of one person, the latest first."""
    asked = f"{_SELECT} where owner = ? order by placed_at desc, rowid desc limit ?"
    with _transaction() as database:
        return [_placed(row) for row in database.execute(asked, [owner, SHOWN])]


def now() -> datetime:
    """The time now. The florist's day begins at midnight UTC."""
    return datetime.now(UTC).replace(microsecond=0)


@contextmanager
def _transaction() -> Iterator[sqlite3.Connection]:
    """A connection for one transaction that excludes other writers, so that two orders never share the last place."""
    with closing(sqlite3.connect(_file(), timeout=5, isolation_level=None)) as database:
        database.row_factory = sqlite3.Row
        database.execute("pragma journal_mode = wal")
        database.execute("begin immediate")
        try:
            _upgrade(database)
            yield database
        except BaseException:
            database.execute("rollback")
            raise
        database.execute("commit")


def _upgrade(database: sqlite3.Connection) -> None:
    """Make the table. Orders of a file from before people could sign in are kept for the courier: they are nobody's."""
    if database.execute("pragma user_version").fetchone()[0] >= _VERSION:
        return
    is_there = database.execute("select 1 from sqlite_master where name = 'orders'").fetchone()
    if is_there:
        database.execute("drop index if exists orders_by_day")
        database.execute("alter table orders rename to orders_before")
    database.execute(_TABLE)
    for index in _INDEXES:
        database.execute(index)
    if is_there:
        database.execute(_TAKE_OVER)
        database.execute("drop table orders_before")
    database.execute(f"pragma user_version = {_VERSION}")


def _earlier(database: sqlite3.Connection, owner: str, key: str | None) -> sqlite3.Row | None:
    """The order that this person's key has placed."""
    if key is None:
        return None
    asked = f"{_SELECT} where owner = ? and idempotency_key = ?"
    row: sqlite3.Row | None = database.execute(asked, [owner, key]).fetchone()
    return row


def _file() -> Path:
    root = Path(__file__).resolve().parent.parent
    path = Path(os.environ.get("CONCIERGE_ORDERS", root / ".portico" / "orders.sqlite3"))
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def _placed(row: sqlite3.Row) -> Placed:
    day, placed_at = date.fromisoformat(row["delivery_date"]), datetime.fromisoformat(row["placed_at"])
    return Placed(row["id"], row["product_id"], row["price"], day, placed_at)


def _text(day: date) -> str:
    return day.isoformat()
