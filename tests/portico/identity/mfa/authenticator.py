"""A passkey in software, and the browser around it (Web Authentication level 3 sections 6 and 5)."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import encode_cbor

PRESENT, VERIFIED, NEW = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """Holds one key; every part of what it says can be bent."""

    origin: str = "http://localhost:8000"
    rp_id: str = "localhost"
    flags: int = PRESENT | VERIFIED
    count: int = 0
    counts: bool = True
    client_data: dict[str, Any] = field(default_factory=dict)
    user_handle: bytes = b""
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: str) -> str:
        """navigator.credentials.create()"""
        given = json.loads(options)
        self.user_handle = _decoded(given["user"]["id"])
        key = self.id, encode_cbor(self._cose())
        attested = bytes(16) + len(key[0]).to_bytes(2, "big") + key[0] + key[1]
        data = self._data(self.flags | NEW) + attested
        client = self._client("webauthn.create", given["challenge"])
        attestation = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        response = {"clientDataJSON": _encoded(client), "attestationObject": _encoded(attestation)}
        return self._answer({**response, "transports": ["internal", "telepathy"]})

    def get(self, options: str) -> str:
        """navigator.credentials.get()"""
        client = self._client("webauthn.get", json.loads(options)["challenge"])
        self.count += self.counts
        data = self._data(self.flags)
        signature = self.key.sign(data + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": _encoded(client),
            "authenticatorData": _encoded(data),
            "signature": _encoded(signature),
            "userHandle": _encoded(self.user_handle) if self.user_handle else None,
        }
        return self._answer(response)

    def _answer(self, response: dict[str, Any]) -> str:
        return json.dumps(
            {"id": _encoded(self.id), "rawId": _encoded(self.id), "type": "public-key", "response": response}
        )

    def _data(self, flags: int) -> bytes:
        return sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, act: str, challenge: str) -> bytes:
        return json.dumps({"type": act, "challenge": challenge, "origin": self.origin, **self.client_data}).encode()

    def _cose(self) -> dict[int, Any]:
        numbers = self.key.public_key().public_numbers()
        return {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
