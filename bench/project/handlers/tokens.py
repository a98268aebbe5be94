"""Verifies the bearer token: the same function for the Gateway, Connexion and FastAPI."""

import os
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_public_key

PUBLIC_KEY = load_pem_public_key(Path(os.environ["BENCH_PUBLIC_KEY"]).read_bytes())
ISSUER = "https://bench.example"


def verify(token: str) -> dict[str, Any] | None:
    """The claims of a valid RS256 token; None where it is not valid (Connexion's `x-bearerInfoFunc`)."""
    try:
        return jwt.decode(token, PUBLIC_KEY, algorithms=["RS256"], issuer=ISSUER, options={"require": ["exp", "sub"]})
    except jwt.InvalidTokenError:
        return None
