"""An issuer with an RSA and an EC key, and tokens of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from portico.tokens import Key

NOW = 1_800_000_000.0
ISSUER = "https://shop.example/auth/main"

Make = Callable[..., str]


@pytest.fixture(scope="session")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65_537, 2_048)


@pytest.fixture(scope="session")
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def keys(rsa_key: rsa.RSAPrivateKey, ec_key: ec.EllipticCurvePrivateKey) -> dict[str, Key]:
    return {"rsa": Key("RS256", rsa_key.public_key()), "ec": Key("ES256", ec_key.public_key())}


@pytest.fixture
def make(rsa_key: rsa.RSAPrivateKey, ec_key: ec.EllipticCurvePrivateKey) -> Make:
    """Makes an access token as the pool does, but for what a test changes; None takes a claim away."""

    def make(
        claims: Mapping[str, Any] | None = None,
        *,
        header: Mapping[str, Any] | None = None,
        key: Any = None,
        algorithm: str = "RS256",
    ) -> str:
        everything = {
            "iss": ISSUER,
            "sub": "3e1c",
            "aud": ISSUER,
            "client_id": "chat",
            "token_use": "access",
            "scope": "openid concierge/chat",
            "iat": int(NOW),
            "exp": int(NOW) + 900,
            "jti": "j1",
            "origin_jti": "s1",
            "cognito:groups": ["florists"],
            **(claims or {}),
        }
        said = {name: value for name, value in everything.items() if value is not None}
        head = {"typ": "at+jwt", "kid": "rsa" if algorithm.startswith("RS") else "ec", **(header or {})}
        signer = key or (rsa_key if algorithm.startswith("RS") else ec_key)
        return jwt.encode(said, signer, algorithm=algorithm, headers={k: v for k, v in head.items() if v is not None})

    return make


def public_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def jwk_of(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, **more: Any) -> dict[str, Any]:
    algorithm = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
    return {**json.loads(algorithm.to_jwk(key.public_key())), **more}
