"""The provider that people sign in with: where its endpoints are, and asking its token endpoint."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

from .errors import SignInFailed
from .request import Received, Request
from .steps import Plan, Send

WELL_KNOWN = "/.well-known/openid-configuration"
_LARGEST = 1_000_000  # bytes of an answer
_LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))
_ENDPOINTS = (
    "authorization_endpoint",
    "token_endpoint",
    "device_authorization_endpoint",
    "revocation_endpoint",
    "credentials_endpoint",
)


@dataclass(frozen=True, slots=True)
class Provider:
    """Where a provider is asked."""

    issuer: str  # empty where only the endpoints of an OAuth flow are known
    endpoints: Mapping[str, str]
    names_itself: bool = False  # in the answer to a sign-in (RFC 9207)

    def endpoint(self, name: str) -> str:
        """An endpoint's URL.

        Args:
            name: as in the metadata, such as "token_endpoint".

        Raises:
            SignInFailed: the provider has none.
        """
        found = self.endpoints.get(name)
        if found is None:
            raise SignInFailed(f"The provider {self.issuer} has no {name}.")
        return found


def discover(url: str, timeout: float) -> Plan[Provider]:
    """A provider's metadata (OpenID Connect Discovery section 4).

    Args:
        url: of the metadata.
        timeout: seconds.

    Raises:
        SignInFailed: it is not to be had, or not to be trusted.
    """
    check_address(url)
    received = yield Send(request("GET", url, timeout), "sign-in", _LARGEST)
    metadata = _json(received)
    if received.status != 200 or metadata is None:
        raise SignInFailed(f"{url} answers {received.status} and no metadata.")
    return _read(metadata, url)


def _read(metadata: Mapping[str, Any], url: str) -> Provider:
    issuer = metadata.get("issuer")
    if not isinstance(issuer, str):
        raise SignInFailed(f"{url} names no issuer.")
    expected = url.removesuffix(WELL_KNOWN)
    if url.endswith(WELL_KNOWN) and issuer not in (expected, f"{expected}/"):
        raise SignInFailed(f"{url} is the metadata of another issuer.")
    check_address(issuer)
    endpoints = {name: metadata[name] for name in _ENDPOINTS if isinstance(metadata.get(name), str)}
    for endpoint in endpoints.values():
        check_address(endpoint)
    return Provider(issuer, endpoints, metadata.get("authorization_response_iss_parameter_supported") is True)


def check_address(url: str) -> None:
    """Refuse what would send secrets in the clear.

    Args:
        url: of the provider.

    Raises:
        SignInFailed: it is neither https nor on this machine.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise SignInFailed(f"{url[:200]} is no address of a provider.") from None
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)):
        raise SignInFailed(f"{url[:200]} is not safe: sign-in needs https.")


def resolve(origin: str, url: str) -> str:
    """A URL of the document, relative to the origin that is called.

    Args:
        origin: such as https://shop.example.
        url: as the document has it.
    """
    return urljoin(f"{origin}/", url)


def request(method: str, url: str, timeout: float, form: Mapping[str, str] | None = None) -> Request:
    """A request to a provider.

    Args:
        method: upper case.
        url: of the endpoint.
        timeout: seconds.
        form: that is sent.
    """
    parts = urlsplit(url)
    headers = {"accept": "application/json", "accept-encoding": "identity"}
    body = None
    if form is not None:
        headers["content-type"] = "application/x-www-form-urlencoded"
        body = urlencode(form).encode()
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return Request(method, parts.scheme, parts.hostname or "", port, target, headers, body, timeout)


@dataclass(frozen=True, slots=True)
class Application:
    """Who asks the provider."""

    id: str
    secret: str | None = None

    def __repr__(self) -> str:
        return f"Application({self.id!r})"


def ask(url: str, who: Application, form: Mapping[str, str], timeout: float) -> Plan[tuple[int, dict[str, Any]]]:
    """Ask an endpoint that takes forms (RFC 6749 section 3.2, 7009, 8628); gives status and members of the answer.

    Args:
        url: of the endpoint.
        who: asks; with a secret it goes in a Basic header (RFC 6749 section 2.3.1).
        form: what is asked.
        timeout: seconds.
    """
    sent = request("POST", url, timeout, form if who.secret is not None else {**form, "client_id": who.id})
    if who.secret is not None:
        both = f"{quote(who.id, safe='')}:{quote(who.secret, safe='')}"
        sent.headers["authorization"] = f"Basic {base64.b64encode(both.encode()).decode()}"
    received = yield Send(sent, "sign-in", _LARGEST)
    return received.status, _json(received) or {}


def refused(what: str, status: int, answer: Mapping[str, Any]) -> SignInFailed:
    """What an endpoint's refusal is called here.

    Args:
        what: did not work.
        status: of the answer.
        answer: its members (RFC 6749 section 5.2).
    """
    error, description = (answer.get(name) for name in ("error", "error_description"))
    error = error if isinstance(error, str) else ""
    description = description if isinstance(description, str) else ""
    told = ": ".join(part for part in (error[:100], description[:300]) if part) or f"status {status}"
    return SignInFailed(f"{what} did not work: {told}", error=error, description=description)


def _json(received: Received) -> dict[str, Any] | None:
    try:
        found = json.loads(received.body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
