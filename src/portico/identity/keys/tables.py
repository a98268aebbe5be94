"""The keys that sign a pool's tokens."""

from __future__ import annotations

import sqlalchemy as sa

from portico.store import metadata, sealed

signing_keys = sa.Table(
    "signing_keys",
    metadata,
    sa.Column("kid", sa.String(64), primary_key=True),  # the key's thumbprint (RFC 7638)
    sa.Column("pool", sa.String(64), nullable=False, index=True),
    sa.Column("algorithm", sa.String(8), nullable=False),
    sa.Column("public", sa.JSON, nullable=False),  # a JWK (RFC 7517)
    sa.Column("private", sa.LargeBinary, nullable=True),  # PKCS #8, sealed; gone when it signs no more
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("signs_from", sa.Double, nullable=False),  # published before, active from then on
    sa.Column("withdrawn_at", sa.Double, nullable=True),  # when an operator said that nobody may trust it any more
)

sealed.register(signing_keys, "private", purpose="signing-key", bound_to="kid")
