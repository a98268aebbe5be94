"""The table of browser sessions."""

from __future__ import annotations

import sqlalchemy as sa

from portico.identity.users import tables as users
from portico.store import metadata

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),  # SHA-256 of what the cookie holds
    sa.Column("user_id", sa.ForeignKey(users.users.c.id, ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("origin_jti", sa.String(32), nullable=False),
    sa.Column("auth_time", sa.Double, nullable=False),
    sa.Column("amr", sa.JSON, nullable=False),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("seen_at", sa.Double, nullable=False),
    sa.Column("ends_at", sa.Double, nullable=False, index=True),
    sa.Column("address", sa.String(64), nullable=False),
    sa.Column("user_agent", sa.String(256), nullable=False),
)
