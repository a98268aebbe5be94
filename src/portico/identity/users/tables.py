"""The tables of people, their codes, and of failed attempts."""

from __future__ import annotations

import sqlalchemy as sa

from portico.store import metadata

users = sa.Table(
    "users",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),  # a UUID that is never given again
    sa.Column("username", sa.String(64), nullable=False),  # as it was typed
    sa.Column("username_key", sa.String(64), nullable=False, unique=True),  # as it is compared
    sa.Column("email", sa.String(254), nullable=True),
    sa.Column("email_key", sa.String(254), nullable=True, unique=True),
    sa.Column("email_verified", sa.Boolean, nullable=False),
    sa.Column("status", sa.String(24), nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=True),  # see passwords.py
    sa.Column("attributes", sa.JSON, nullable=False),
    sa.Column("created_at", sa.Double, nullable=False),  # seconds since the epoch, as all times
    sa.Column("updated_at", sa.Double, nullable=False),
    sa.Column("tokens_valid_from", sa.Double, nullable=False),  # what began at or before is dead
)

user_groups = sa.Table(
    "user_groups",
    metadata,
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("name", sa.String(64), primary_key=True, index=True),
)

user_codes = sa.Table(
    "user_codes",
    metadata,
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("purpose", sa.String(16), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),  # HMAC-SHA256 under the project's secret
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("target", sa.String(254), nullable=True),  # the address that the code proves
    sa.Column("expires_at", sa.Double, nullable=False),
)

attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),  # HMAC-SHA256 of what is counted
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("pending", sa.Integer, nullable=False),  # begun, not yet decided
    sa.Column("at", sa.Double, nullable=False),  # the last change
    sa.Column("blocked_until", sa.Double, nullable=False),
    sa.Column("expires_at", sa.Double, nullable=False, index=True),
)

known_addresses = sa.Table(
    "known_addresses",
    metadata,
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("address", sa.String(64), primary_key=True),  # HMAC-SHA256 of the address
    sa.Column("at", sa.Double, nullable=False),  # of the last sign-in from there
)
