"""The outbox: mails that wait, and in development the last ones that were sent."""

from __future__ import annotations

import sqlalchemy as sa

from portico.store import metadata, sealed

PURPOSE = "outbox"  # of sealing

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(32), nullable=False, unique=True),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("recipient", sa.String(64), nullable=False),  # HMAC of the address: counts, and tells nobody
    sa.Column("sealed", sa.LargeBinary, nullable=True),  # what it says; NULL when it is sent or given up
    sa.Column("queued_at", sa.Double, nullable=False),  # seconds since the epoch
    sa.Column("until", sa.Double, nullable=False),  # after this it is of no use
    sa.Column("due_at", sa.Double, nullable=True, index=True),  # the next attempt; NULL: sent or given up
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("claim", sa.String(32), nullable=True),  # of the worker that is sending it
    sa.Index(None, "recipient", "queued_at"),
)
sealed.register(outbox, "sealed", purpose=PURPOSE, bound_to="id")
