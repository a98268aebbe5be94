"""What another provider answers: over TLS, and within bounds of size, time and number."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx2
import msgspec

from portico.identity.federation.errors import ProviderUnreachable
from portico.tokens.jwks import secure

TIMEOUT = 10.0  # seconds for a whole answer, however slowly it drips
LENGTH = 262_144  # bytes of an answer
AT_ONCE = 16  # questions to one provider; whoever comes in vain with made-up codes does not hold more
HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}  # what is packed could unpack to anything


@dataclass
class Upstream:
    """Asks one provider."""

    title: str  # of the provider
    timeout: float = field(default_factory=lambda: TIMEOUT)  # seconds
    _lanes: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _tls: ssl.SSLContext | None = None  # costly to make

    async def ask(
        self, address: object, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Mapping[str, Any]]:
        """Ask for a JSON object; redirects are not followed.

        Args:
            address: where.
            form: what is sent; nothing: it is a GET.
            headers: more of them.

        Returns:
            the status and the object; an empty one with a status that is no success, where there is none.

        Raises:
            ProviderUnreachable: it is not reached over TLS, does not answer in time, or not with a JSON object.
        """
        try:
            async with asyncio.timeout(self.timeout), self._lanes:
                status, body = await self._asked(endpoint(address), form, {**HEADERS, **(headers or {})})
            return status, _object(status, body)
        except (TimeoutError, httpx2.HTTPError, httpx2.InvalidURL, ValueError, RecursionError) as error:
            reason = f"{str(address)[:200]!r}: {type(error).__name__}: {str(error)[:200]!r}"
            raise ProviderUnreachable(self.title, reason) from error

    async def _asked(
        self, address: str, form: Mapping[str, str] | None, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        if self._tls is None:
            self._tls = httpx2.create_ssl_context()
        client = httpx2.AsyncClient(timeout=self.timeout, follow_redirects=False, verify=self._tls)
        method, sent = ("GET", None) if form is None else ("POST", dict(form))
        async with client, client.stream(method, address, data=sent, headers=dict(headers)) as answer:
            if answer.headers.get("content-encoding", "identity") != "identity":
                raise ValueError("the answer is packed")
            body = bytearray()
            async for part in answer.aiter_raw():
                body += part
                if len(body) > LENGTH:
                    raise ValueError("the answer is too long")
            return answer.status_code, bytes(body)


def endpoint(address: object) -> str:
    """An address that a browser or this server may go to: over TLS, or on this machine.

    Raises:
        ValueError: it is not one.
    """
    if not isinstance(address, str) or urlsplit(address).scheme not in ("https", "http") or "#" in address:
        raise ValueError(f"{str(address)[:200]!r} is no address of an endpoint")
    if not address.isascii() or not address.isprintable() or " " in address:
        raise ValueError(f"{address[:200]!r} is no address")
    return secure(address)


def _object(status: int, body: bytes) -> Mapping[str, Any]:
    try:
        found = msgspec.json.decode(body)  # DecodeError is a ValueError
    except ValueError:
        found = None
    if isinstance(found, dict):
        return found
    if status == 200:
        raise ValueError("the answer is no JSON object")
    return {}
