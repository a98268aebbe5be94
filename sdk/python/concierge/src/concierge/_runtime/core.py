"""What all calls of one client share."""

from __future__ import annotations

import logging
import platform
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from . import headers
from .absent import ABSENT, Absent
from .authority import Authority
from .codec import Codecs, codecs_of
from .errors import BadArgument, NotSignedIn
from .hooks import CallEvent, Hook
from .operation import Operation
from .options import Settings
from .redact import Redaction
from .request import Request
from .sdk import Sdk

GENERATOR = "portico-sdk/1"


class Base(NamedTuple):
    """What is called: an origin, and the path before those of operations."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> str:
        """Such as https://shop.example."""
        return Request("GET", self.scheme, self.host, self.port, "", {}).url


class Core:
    """A client without the way it waits: see `steps`.

    Args:
        sdk: what the document says.
        settings: what the client was told.
    """

    def __init__(self, sdk: Sdk, settings: Settings) -> None:
        self.sdk = sdk
        self.settings = settings
        self.base = base_of(settings.base_url, sdk)
        self._trusted = {self.base[:3], *(_origin(url) for url in settings.trusted_origins)}
        self.authority = Authority(sdk, settings, self.base.origin)
        self.codecs: Codecs = codecs_of(sdk.models)
        self.redaction = Redaction(*self.authority.secret_names())
        self.headers = self._default_headers()
        self._log = logging.getLogger(sdk.models.rpartition(".")[0])

    def base_for(self, operation: Operation) -> Base:
        """What is called for an operation; the document may name another server for it.

        Args:
            operation: that is called.
        """
        if not operation.server or self.settings.base_url is not None:
            return self.base
        found = base_of(operation.server, self.sdk._replace(base_path=""))
        if self.base.scheme == "https" and found.scheme != "https":
            raise BadArgument(f"{operation.id}: the document would have it called at {found.origin}, without https.")
        return found

    def schemes_for(self, operation: Operation, base: Base, auth: str | Absent | None) -> tuple[str, ...]:
        """What an operation is called with. Another origin than the client's is shown nothing, if it is not trusted.

        Args:
            operation: that is called.
            base: what is called for it.
            auth: the scheme that somebody chose; None is nobody.

        Raises:
            NotSignedIn: there is nothing that it can be called with.
        """
        if self.trusts(base) or auth is None or not operation.security:
            return self.authority.choose(operation, auth)
        if auth is ABSENT and () in operation.security:
            return ()
        raise NotSignedIn(
            f"{operation.id} is at another origin, which is not shown who calls, but for "
            f"trusted_origins=[{base.origin!r}]."
        )

    def trusts(self, base: Base) -> bool:
        """Whether an origin is shown who calls.

        Args:
            base: that is called.
        """
        return base[:3] in self._trusted

    def _default_headers(self) -> dict[str, str]:
        agent = f"{self.sdk.name}/{self.sdk.version} {GENERATOR} python/{platform.python_version()}"
        found = {"user-agent": self.settings.user_agent or agent, "accept-encoding": "gzip, deflate"}
        add_headers(found, self.settings.headers, "headers")
        return found

    @property
    def listened(self) -> bool:
        """Whether anybody wants to be told of calls."""
        hooks = self.settings.hooks
        return bool(hooks.before_request or hooks.after_response or hooks.on_retry) or self._log.isEnabledFor(
            logging.DEBUG
        )

    def tell(self, moment: str, hook: Hook | None, event: CallEvent) -> None:
        """Tell a hook and the log.

        Args:
            moment: what happens, for the log.
            hook: that wants to know.
            event: without secrets.
        """
        if self._log.isEnabledFor(logging.DEBUG):
            rest = "" if event.status is None else f" {event.status}"
            rest += "" if event.duration is None else f" in {event.duration * 1000:.1f} ms"
            rest += "" if event.delay is None else f", next attempt in {event.delay:.2f} s"
            self._log.debug("%s %s %s%s (attempt %d)", moment, event.method, event.url, rest, event.attempt)
        if hook is not None:
            hook(event)


def _origin(url: str) -> tuple[str, str, int]:
    try:
        found = base_of(url, Sdk("", "", "", ""))
    except BadArgument:
        found = None
    if found is None or found.path:
        raise BadArgument("trusted_origins holds addresses such as https://files.example.")
    return found[:3]


def base_of(url: str | None, sdk: Sdk) -> Base:
    """What is called.

    Args:
        url: an origin, or the whole base; None: the document's own server.
        sdk: what the document says.

    Raises:
        BadArgument: it is none, or nobody knows it.
    """
    if url is None and not sdk.server:
        raise BadArgument(f'Say where the API is: base_url="https://...". The document of {sdk.name} names no server.')
    try:
        parts = urlsplit(url or sdk.server)
        port = parts.port
    except ValueError:
        raise BadArgument(f"{url!r} is no URL.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise BadArgument(
            "base_url is an address such as https://shop.example or https://shop.example/staging/shop/v1."
        )
    path = parts.path.rstrip("/") if url is not None else ""
    path = quote(path or sdk.base_path.rstrip("/"), safe="/%:@!$&'()*+,;=~-._")
    host = parts.hostname.encode("idna").decode() if not parts.hostname.isascii() else parts.hostname
    return Base(parts.scheme, host, port or (443 if parts.scheme == "https" else 80), path)


def add_headers(found: dict[str, str], given: Mapping[str, str], told: str) -> None:
    """Add headers that somebody gave.

    Args:
        found: by lower-case names; they are added to these.
        given: by names of any case.
        told: what they are called, for faults.

    Raises:
        BadArgument: one cannot be sent.
    """
    for name, value in given.items():
        wrong = headers.fault(name, value) if isinstance(value, str) else f"the header {name} is no text"
        if wrong:
            raise BadArgument(f"{told}: {wrong}.")
        found[name.lower()] = value.strip(" \t")
