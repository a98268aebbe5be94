"""Making keys, and turning them into what is stored and what is used. Slow: for threads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from joserfc.jwk import ECKey, RSAKey

from portico.identity.keys.lifecycle import StoredKey
from portico.store import NotSealedHere, Secrets

Algorithm = Literal["RS256", "ES256"]
PrivateKey = RSAKey | ECKey
BITS = 2_048  # of an RSA modulus (NIST SP 800-131A: at least 2,048)
PURPOSE = "signing-key"


def generate(algorithm: Algorithm, secrets: Secrets, *, now: float, signs_from: float) -> StoredKey:
    """A new key, its private part sealed.

    Args:
        algorithm: that it signs with (RFC 7518 section 3.1).
        secrets: of the project.
        now: seconds since the epoch.
        signs_from: seconds since the epoch.
    """
    key: PrivateKey = RSAKey.generate_key(BITS) if algorithm == "RS256" else ECKey.generate_key("P-256")
    kid = key.thumbprint()
    public = {**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": algorithm}
    bare = StoredKey(kid, algorithm, public, private=None, created_at=now, signs_from=signs_from)
    return replace(bare, private=secrets.seal(PURPOSE, key.as_der(private=True), bound_to=kid))


def private_key(stored: StoredKey, secrets: Secrets) -> PrivateKey:
    """The key that signs.

    Raises:
        NotSealedHere: it was sealed with another project's secret.
        ValueError: it has been forgotten, because it signs no more.
    """
    plain = opened(stored, secrets)
    parameters = {"kid": stored.kid, "alg": stored.algorithm, "use": "sig"}
    kind: type[PrivateKey] = RSAKey if stored.algorithm == "RS256" else ECKey
    return kind.import_key(plain, parameters)  # type: ignore[arg-type]  # joserfc's type of parameters is too narrow


def opened(stored: StoredKey, secrets: Secrets) -> bytes:
    """The private part of a key, as it was before it was sealed.

    Raises:
        NotSealedHere: it was sealed with another project's secret.
        ValueError: it has been forgotten, because it signs no more.
    """
    if stored.private is None:
        raise ValueError(f"The private part of key {stored.kid} has been forgotten.")
    try:
        return secrets.open(PURPOSE, stored.private, bound_to=stored.kid)
    except NotSealedHere:
        raise NotSealedHere(
            "The key that signs tokens was sealed with another secret than the project has now. Put that secret back: "
            "PORTICO_SECRET, or .portico/secret. If it is lost for good, `portico pool rotate-keys --withdraw` makes a "
            "new key; authenticator apps and access keys are lost with the secret."
        ) from None


def public_key(jwk: Mapping[str, Any]) -> RSAPublicKey | EllipticCurvePublicKey:
    """The key that verifies, as PyJWT takes it."""
    kind: type[PrivateKey] = RSAKey if jwk["kty"] == "RSA" else ECKey
    return kind.import_key(dict(jwk)).public_key
