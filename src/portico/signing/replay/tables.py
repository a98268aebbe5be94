"""The table of signatures that many machines share."""

from __future__ import annotations

import sqlalchemy as sa

from portico.store import metadata

seen_signatures = sa.Table(
    "seen_signatures",
    metadata,
    sa.Column("mark", sa.String(64), primary_key=True),
    sa.Column("until", sa.Double, nullable=False, index=True),  # seconds since the epoch
)
