"""What the OpenID provider keeps: clients, codes of browsers and of devices, families of refresh tokens, consents.

Random values are stored as their SHA-256 only.
"""

from __future__ import annotations

import sqlalchemy as sa

from portico.store import metadata

clients = sa.Table(
    "clients",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("pool", sa.String(64), nullable=False, index=True),
    sa.Column("declared", sa.JSON, nullable=False),  # as in auth/pool.yaml: portico.identity.settings.Client
    sa.Column("dynamic", sa.Boolean, nullable=False),  # it registered itself (RFC 7591)
    sa.Column("created_at", sa.Double, nullable=False),
)

client_origins = sa.Table(
    "client_origins",
    metadata,
    sa.Column("client_id", sa.ForeignKey("clients.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("origin", sa.String(255), primary_key=True, index=True),  # of its redirect URIs; their pages may call
)

client_secrets = sa.Table(
    "client_secrets",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("client_id", sa.String(64), nullable=False, index=True),  # of a declared client, or one in `clients`
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("expires_at", sa.Double, nullable=True),
)

codes = sa.Table(
    "authorization_codes",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("client_id", sa.String(64), nullable=False),
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("redirect_uri", sa.Text, nullable=False),
    sa.Column("scopes", sa.JSON, nullable=False),
    sa.Column("challenge", sa.String(43), nullable=False),  # PKCE, S256
    sa.Column("nonce", sa.String(512), nullable=True),
    sa.Column("session", sa.String(36), nullable=False),  # the browser session's origin_jti
    sa.Column("auth_time", sa.Double, nullable=False),
    sa.Column("amr", sa.JSON, nullable=False),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("expires_at", sa.Double, nullable=False, index=True),
    sa.Column("family", sa.String(36), nullable=True),  # what it was redeemed for; None: not yet
)

device_codes = sa.Table(
    "device_codes",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("user_code", sa.String(64), nullable=False, unique=True),  # its HMAC under the project's secret
    sa.Column("client_id", sa.String(64), nullable=False, index=True),
    sa.Column("scopes", sa.JSON, nullable=False),
    sa.Column("address", sa.String(64), nullable=False),  # where it was asked for from
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("expires_at", sa.Double, nullable=False, index=True),
    sa.Column("interval", sa.Double, nullable=False),  # seconds between two polls
    sa.Column("polled_at", sa.Double, nullable=True),
    sa.Column("denied", sa.Boolean, nullable=False),
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=True, index=True),  # who approved it
    sa.Column("session", sa.String(36), nullable=True, index=True),  # in which browser session, by its origin_jti
    sa.Column("auth_time", sa.Double, nullable=True),
    sa.Column("amr", sa.JSON, nullable=True),
    sa.Column("family", sa.String(36), nullable=True),  # what it was redeemed for; None: not yet
)

families = sa.Table(
    "token_families",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),  # the origin_jti of its tokens
    sa.Column("handle", sa.String(64), nullable=True, unique=True),  # digest of what its refresh tokens begin with
    sa.Column("current", sa.String(64), nullable=True),  # digest of the one refresh token that may be used next
    sa.Column("rotated_at", sa.Double, nullable=False),
    sa.Column("client_id", sa.String(64), nullable=False, index=True),
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("session", sa.String(36), nullable=False, index=True),  # the browser session's origin_jti
    sa.Column("scopes", sa.JSON, nullable=False),
    sa.Column("auth_time", sa.Double, nullable=False),
    sa.Column("amr", sa.JSON, nullable=False),
    sa.Column("began_at", sa.Double, nullable=False),
    sa.Column("expires_at", sa.Double, nullable=False, index=True),
    sa.Column("revoked_at", sa.Double, nullable=True),
)

revoked_tokens = sa.Table(
    "revoked_tokens",
    metadata,
    sa.Column("jti", sa.String(36), primary_key=True),
    sa.Column("expires_at", sa.Double, nullable=False, index=True),
)

consents = sa.Table(
    "consents",
    metadata,
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("client_id", sa.String(64), primary_key=True),
    sa.Column("scopes", sa.JSON, nullable=False),
    sa.Column("given_at", sa.Double, nullable=False),
)
