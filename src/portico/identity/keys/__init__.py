"""The keys that sign a pool's tokens: made at the first start, rotated on demand, public to every verifier."""

from portico.identity.keys.service import PublicKey, SigningKeys

__all__ = ["PublicKey", "SigningKeys"]
