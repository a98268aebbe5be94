"""The access keys of machines."""

from __future__ import annotations

import sqlalchemy as sa

from portico.store import metadata, sealed

PURPOSE = "access-key"  # that secrets are sealed for

access_keys = sa.Table(
    "access_keys",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),  # "AKIA..."
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("role", sa.String(64), nullable=False),
    sa.Column("secret", sa.LargeBinary, nullable=False),  # sealed
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.Double, nullable=False),  # seconds since the epoch
    sa.Column("expires_at", sa.Double, nullable=True),  # seconds since the epoch
    sa.Column("last_used_at", sa.Double, nullable=True),  # seconds since the epoch, to the minute
)

sealed.register(access_keys, "secret", purpose=PURPOSE, bound_to="id")
