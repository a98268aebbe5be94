"""The tables of API keys."""

from __future__ import annotations

import sqlalchemy as sa

from portico.store import metadata, sealed

PEPPER = "api-key-pepper"  # what it is sealed for

api_keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(256), nullable=False, index=True),
    sa.Column("description", sa.String(1024), nullable=False),
    sa.Column("owner", sa.String(256), nullable=False),
    sa.Column("tags", sa.JSON, nullable=False),
    sa.Column("plans", sa.JSON, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("apis", sa.JSON, nullable=False),
    sa.Column("stages", sa.JSON, nullable=False),
    sa.Column("networks", sa.JSON, nullable=False),
    sa.Column("user_id", sa.String(64), nullable=True, index=True),
    sa.Column("client_id", sa.String(128), nullable=True, index=True),
    sa.Column("created_at", sa.Double, nullable=False),  # seconds since the epoch
    sa.Column("expires_at", sa.Double, nullable=True),  # seconds since the epoch
    sa.Column("last_used_at", sa.Double, nullable=True),  # seconds since the epoch, to the minute
    sa.Column("quota_revision", sa.Integer, nullable=False),
)

api_key_secrets = sa.Table(
    "api_key_secrets",
    metadata,
    sa.Column("digest", sa.LargeBinary(32), primary_key=True),  # keyed with the pepper
    sa.Column("key_id", sa.ForeignKey("api_keys.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("hint", sa.String(8), nullable=False),
    sa.Column("created_at", sa.Double, nullable=False),  # seconds since the epoch
    sa.Column("expires_at", sa.Double, nullable=True),  # seconds since the epoch
)

api_key_peppers = sa.Table(  # one row: without it and the project's secret, digests are worth nothing
    "api_key_peppers",
    metadata,
    sa.Column("name", sa.String(16), primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

sealed.register(api_key_peppers, "sealed", purpose=PEPPER, bound_to="name")
