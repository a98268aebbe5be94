"""The tables of usage."""

from __future__ import annotations

import sqlalchemy as sa

from portico.store import metadata

usage = sa.Table(
    "usage",
    metadata,
    sa.Column("key_id", sa.String(32), primary_key=True),  # no foreign key: what was used outlives the key
    sa.Column("day", sa.String(10), primary_key=True),  # "2026-11-21", in UTC
    sa.Column("operation", sa.String(256), primary_key=True),  # "concierge.sendMessage"
    sa.Column("outcome", sa.String(16), primary_key=True),  # "2xx" to "5xx"; "throttled": not admitted
    sa.Column("requests", sa.BigInteger, nullable=False),
)

quotas = sa.Table(
    "quotas",
    metadata,
    sa.Column("key_id", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(320), primary_key=True),  # of the limit: "partner", "partner/concierge.checkout"
    sa.Column("window", sa.String(16), primary_key=True),  # its first day: "2026-11-01"
    sa.Column("used", sa.BigInteger, nullable=False),
    sa.Column("granted", sa.BigInteger, nullable=False),  # beyond the quota, by `extend-quota`
    sa.Column("ends_at", sa.Double, nullable=False, index=True),  # seconds since the epoch
)

meters = sa.Table(  # the last batch of each process, so that none is ever added twice
    "meters",
    metadata,
    sa.Column("process", sa.String(64), primary_key=True),
    sa.Column("batch", sa.BigInteger, nullable=False),
    sa.Column("at", sa.Double, nullable=False, index=True),  # seconds since the epoch
)
