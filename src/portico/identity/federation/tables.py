"""Who is who at other providers."""

from __future__ import annotations

import sqlalchemy as sa

from portico.store import metadata

federated_identities = sa.Table(
    "federated_identities",
    metadata,
    sa.Column("issuer", sa.String(512), primary_key=True),  # of the provider; its name in auth/pool.yaml may change
    sa.Column("subject", sa.String(255), primary_key=True),  # the `sub` there
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("linked_at", sa.Double, nullable=False),  # seconds since the epoch
)
