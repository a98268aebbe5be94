"""The public keys of issuers (RFC 7517), as they are known here and as another issuer publishes them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

log = logging.getLogger("portico.tokens")

RSA_BITS = 2_048  # the least (NIST SP 800-131A); the libraries accept less
ALGORITHMS = {  # kty and curve -> the algorithms that a key may be pinned to, the default first
    ("RSA", None): ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-384"): ("ES384",),
    ("EC", "P-521"): ("ES512",),
    ("OKP", "Ed25519"): ("EdDSA",),
}
DISCOVERY = "/.well-known/openid-configuration"  # below the issuer (OpenID Connect Discovery 1.0 section 4)
KEYS = 64  # of one issuer
DOCUMENT = 1 << 20  # bytes of a discovery document or key set
TIMEOUT = 5.0  # seconds
FRESH = 600.0  # seconds after which keys are asked for again, beside the requests
VALID = 86_400.0  # seconds that keys are trusted while their issuer cannot be reached
PAUSE = 30.0  # seconds between two questions, however many tokens name unknown keys


@dataclass(frozen=True, slots=True)
class Key:
    """A public key, and the one algorithm that it is good for."""

    algorithm: str
    material: Any  # a public key of `cryptography`


class KeySource(Protocol):
    """Where an issuer's keys come from."""

    def known(self) -> Mapping[str, Key]:
        """The keys that are known now, by key id."""

    async def refetch(self) -> Mapping[str, Key]:
        """Ask once more, unless that was done just now."""


def keys_of(document: Mapping[str, Any]) -> dict[str, Key]:
    """The keys of a JWK set that can verify signatures; what is too weak or unknown is left out.

    Args:
        document: the set, as JSON (RFC 7517 section 5).
    """
    found: dict[str, Key] = {}
    entries = document.get("keys")
    for place, entry in enumerate(entries[:KEYS] if isinstance(entries, list) else ()):
        key = _key(entry) if isinstance(entry, dict) and entry.get("use", "sig") == "sig" else None
        if key is not None:
            found[str(entry.get("kid", f"#{place}"))] = key
    return found


def _key(entry: Mapping[str, Any]) -> Key | None:
    curve = entry.get("crv")
    permitted = ALGORITHMS.get((str(entry.get("kty")), None if curve is None else str(curve)), ())
    algorithm = entry.get("alg", permitted[0] if permitted else None)
    if algorithm not in permitted:
        return None
    public = {name: value for name, value in entry.items() if name in ("kty", "crv", "n", "e", "x", "y")}
    try:
        material = jwt.PyJWK.from_dict(public, algorithm=algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    if isinstance(material, RSAPublicKey) and material.key_size < RSA_BITS:
        return None
    return Key(str(algorithm), material)


class Discovered:
    """The keys that another issuer publishes: fetched when first needed, kept while it cannot be reached."""

    def __init__(self, issuer: str, *, clock: Callable[[], float] = time.time) -> None:
        """Know where to ask; nothing is asked yet.

        Args:
            issuer: its identifier; its discovery document is below (OpenID Connect Discovery 1.0 section 4).
            clock: seconds since the epoch.
        """
        self.issuer = issuer
        self._clock = clock
        self._keys: Mapping[str, Key] = {}
        self._fetched = self._asked = float("-inf")
        self._task: asyncio.Task[None] | None = None

    def known(self) -> Mapping[str, Key]:
        """The keys, as long as they may be trusted; stale ones are asked for again meanwhile."""
        age = self._clock() - self._fetched
        if age > FRESH and self._keys:
            self._begin()
        return self._keys if age <= VALID else {}

    async def refetch(self) -> Mapping[str, Key]:
        """Ask the issuer, at most every half minute; many that ask at once share one answer."""
        self._begin()
        if self._task is not None:
            await asyncio.shield(self._task)
        return self.known()

    def _begin(self) -> None:
        if self._task is None and self._clock() >= self._asked + PAUSE:
            self._asked = self._clock()
            self._task = asyncio.get_running_loop().create_task(self._fetch())
            self._task.add_done_callback(self._done)

    def _done(self, _task: asyncio.Task[None]) -> None:
        self._task = None

    async def _fetch(self) -> None:
        import httpx2

        try:
            client = httpx2.AsyncClient(timeout=TIMEOUT, follow_redirects=False)
            async with asyncio.timeout(2 * TIMEOUT), client:  # in all: an answer that drips must not be waited for
                address = f"{self.issuer.rstrip('/')}{DISCOVERY}"
                configuration = await fetched(client, address)
                if configuration.get("issuer") != self.issuer:
                    raise ValueError(f"{address} speaks for {str(configuration.get('issuer'))[:200]!r}")
                keys = keys_of(await fetched(client, str(configuration.get("jwks_uri"))))
        except (TimeoutError, httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            log.warning("the keys of %s cannot be fetched: %s", self.issuer, error)
            return
        if not keys:
            log.warning("%s publishes no key that can be used", self.issuer)
            return
        self._keys, self._fetched = keys, self._clock()


def secure(address: str) -> str:
    """An address that is reached over TLS, or on this machine.

    Raises:
        ValueError: it is not.
    """
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise ValueError(f"{address[:200]} is not https")
    return address


async def fetched(client: Any, address: str) -> Mapping[str, Any]:
    """A JSON document of bounded size, over TLS or from this machine.

    Raises:
        ValueError: it is not one.
    """
    body = b""
    async with client.stream("GET", secure(address)) as answer:
        if answer.status_code != 200:
            raise ValueError(f"{address[:200]} answers {answer.status_code}")
        async for part in answer.aiter_bytes():
            body += part
            if len(body) > DOCUMENT:
                raise ValueError(f"{address[:200]} is too long")
    try:
        document = msgspec.json.decode(body)
    except RecursionError:
        raise ValueError(f"{address[:200]} is nested too deeply") from None
    if not isinstance(document, dict):
        raise ValueError(f"{address[:200]} is no object")
    return document
