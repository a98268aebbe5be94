"""The tables of second factors. All of it goes with the user."""

from __future__ import annotations

import sqlalchemy as sa

from portico.store import metadata, sealed

SECRETS = "mfa-totp"  # purpose of sealing the secrets of authenticator apps
CODES = "mfa-recovery-code"  # purpose of sealing the digests of recovery codes


def _user() -> sa.ForeignKey:
    return sa.ForeignKey("users.id", ondelete="CASCADE")


totp = sa.Table(
    "mfa_totp",
    metadata,
    sa.Column("user_id", _user(), primary_key=True),
    sa.Column("secret", sa.LargeBinary, nullable=True),  # sealed; NULL: not confirmed yet
    sa.Column("last_step", sa.Integer, nullable=False),  # of the last code that was taken: none is taken twice
    sa.Column("pending", sa.LargeBinary, nullable=True),  # sealed: the secret of a set-up that is not confirmed
    sa.Column("pending_until", sa.Double, nullable=True),  # seconds since the epoch, as all times
)

recovery_codes = sa.Table(
    "mfa_recovery_codes",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("user_id", _user(), nullable=False, index=True),
    sa.Column("digest", sa.LargeBinary, nullable=False),  # SHA-256 of 80 random bits, sealed
)

passkeys = sa.Table(
    "mfa_passkeys",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("user_id", _user(), nullable=False, index=True),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),  # SHA-256 of the credential id, to find it by
    sa.Column("credential_id", sa.LargeBinary, nullable=False),
    sa.Column("public_key", sa.LargeBinary, nullable=False),  # COSE_Key (RFC 9052 section 7)
    sa.Column("sign_count", sa.BigInteger, nullable=False),
    sa.Column("transports", sa.JSON, nullable=False),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("backed_up", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("last_used_at", sa.Double, nullable=True),
)

spent_challenges = sa.Table(
    "mfa_spent_challenges",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),  # SHA-256
    sa.Column("until", sa.Double, nullable=False, index=True),  # when it would have ended anyway
)

attempts = sa.Table(
    "mfa_attempts",
    metadata,
    sa.Column("user_id", _user(), primary_key=True),
    sa.Column("method", sa.String(16), primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),  # since the last success
    sa.Column("blocked_until", sa.Double, nullable=False),
)

sealed.register(totp, "secret", purpose=SECRETS, bound_to="user_id")
sealed.register(totp, "pending", purpose=SECRETS, bound_to="user_id")
sealed.register(recovery_codes, "digest", purpose=CODES, bound_to="id")
