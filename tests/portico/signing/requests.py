"""Requests, keys and rules that the tests of signatures share."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from portico.secret import Secret
from portico.signing import Credentials, Received, Rules, present, verify

NOW = 1_800_000_000.0  # seconds since the epoch: 20270115T080000Z
REGION = "us-east-1"
RULES = Rules(REGION)
KEY = Credentials("AKIAEXAMPLE123456789", Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))
TEMPORARY = Credentials(
    "ASIAEXAMPLE123456789", Secret("anotherSecretKey/of+forty=characters00"), "a.token+of/some=length=="
)


def arrived(method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Received:
    """A request as ASGI has it after a client sent it."""
    parts = urlsplit(url)
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    if not any(name == b"host" for name, _ in raw):
        raw.insert(0, (b"host", parts.netloc.encode()))
    return Received(method, parts.path.encode(), parts.query.encode(), raw, body)


def accept(received: Received, credentials: Credentials = KEY, *, now: float = NOW, rules: Rules = RULES) -> None:
    """Do what the server does; raises where the signature is not accepted."""
    presented = present(received)
    assert presented is not None
    assert presented.access_key_id == credentials.access_key_id
    assert presented.session_token == credentials.session_token
    verify(received, presented, credentials.secret_key, now=now, rules=rules)
