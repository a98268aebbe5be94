"""Who calls: chooses among what an operation takes, and proves it. Tokens and credentials are fetched, kept and renewed
here, one at a time.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Sequence
from urllib.parse import quote

from .absent import ABSENT, Absent
from .errors import BadArgument, NotSignedIn
from .headers import cookie_fault, fault
from .operation import Operation
from .options import Settings
from .payload import Payload
from .request import Received, Request
from .retry import http_date
from .sdk import Scheme, Sdk
from .session import Session
from .signing import Signature, Signer
from .steps import Plan

_STRENGTH = {"signed": 4, "login": 3, "client": 3, "bearer": 3, "key": 2, "basic": 1, "none": 0}
_CLOCK = re.compile(r"Signature expired|not yet current|RequestTimeTooSkewed|RequestExpired|Request has expired")
_SAFE = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))  # RFC 9110 section 9.2.1
_ENDED = re.compile(r"[Ss]ecurity token included in the request|ExpiredToken|access key id included in the request")


class Authority:
    """Who calls.

    Args:
        sdk: what the document says.
        settings: what the client was told.
        origin: that is called, such as https://shop.example.
    """

    def __init__(self, sdk: Sdk, settings: Settings, origin: str) -> None:
        self._sdk = sdk
        self._settings = settings
        self._signer = Signer()
        self._chosen: dict[tuple[Operation, str | None], tuple[str, ...]] = {}
        self._skew = 0.0  # seconds that the server's clock is ahead of ours
        self.session = Session(sdk, settings, origin, changed=self._chosen.clear)

    def choose(self, operation: Operation, auth: str | Absent | None) -> tuple[str, ...]:
        """The schemes that an operation is called with.

        Args:
            operation: that is called.
            auth: the scheme that somebody chose; None is nobody.

        Raises:
            NotSignedIn: there is none that the client can satisfy.
        """
        if auth is None or not operation.security:
            return () if not isinstance(auth, str) else self._named(operation, auth)
        key = (operation, None if auth is ABSENT else auth)
        found = self._chosen.get(key)
        if found is None:
            found = self._named(operation, auth) if isinstance(auth, str) else self._strongest(operation)
            self._chosen[key] = found
        return found

    def _strongest(self, operation: Operation) -> tuple[str, ...]:
        able = [names for names in _alternatives(operation) if all(self._can(name) for name in names)]
        if not able:
            raise NotSignedIn(f"{operation.id} asks for {self._wanted(operation)}.")
        return max(able, key=lambda names: max((_STRENGTH[self._kind(name)] for name in names), default=0))

    def _named(self, operation: Operation, name: str) -> tuple[str, ...]:
        if name not in self._sdk.schemes:
            raise BadArgument(f"There is no scheme {name!r}: auth is one of {', '.join(self._sdk.schemes)}, or None.")
        found = next((names for names in _alternatives(operation) if name in names), (name,))
        for one in found:
            if not self._can(one):
                raise NotSignedIn(f"{operation.id} asks for {one}: {self._help(one)}.")
        return found

    def _kind(self, name: str) -> str:
        scheme = self._sdk.schemes.get(name)
        return "none" if scheme is None else scheme.kind

    def _can(self, name: str) -> bool:
        kind, settings = self._kind(name), self._settings
        if kind == "key":
            return self._key(name) is not None
        if kind == "basic":
            return settings.basic is not None
        if kind == "signed":
            return settings.credentials is not None or (self.session.can_exchange and self.session.has_token)
        return kind in ("login", "client", "bearer") and self.session.has_token

    def _key(self, name: str) -> str | None:
        given = self._settings.api_key
        return given.get(name) if given is not None and not isinstance(given, str) else given

    def _wanted(self, operation: Operation) -> str:
        told = [" and ".join(f"{name} ({self._help(name)})" for name in names) for names in _alternatives(operation)]
        return " or ".join(told)

    def _help(self, name: str) -> str:
        return {
            "key": "give api_key",
            "basic": "give basic",
            "bearer": "give access_token",
            "login": "call login(), or give access_token",
            "client": "give client_id and client_secret",
            "signed": "give credentials" + (", or call login()" if self.session.can_exchange else ""),
        }.get(self._kind(name), "which this client cannot do")

    def prove(self, request: Request, names: Sequence[str], operation: Operation) -> Plan[None]:
        """Add to a request what proves who calls.

        Args:
            request: complete but for that.
            names: of the schemes.
            operation: that is called.
        """
        signed = False
        for name in names:
            scheme = self._sdk.schemes[name]
            if scheme.kind == "key":
                _add_key(request, scheme, self._key(name) or "")
            elif scheme.kind == "basic":
                request.headers["authorization"] = _basic(self._settings.basic or ("", ""))
            elif scheme.kind == "signed":
                signed = True
            else:
                request.headers["authorization"] = f"Bearer {(yield from self.session.token())}"
        if signed:
            yield from self._sign(request, operation)

    def _sign(self, request: Request, operation: Operation) -> Plan[None]:
        found = yield from self.session.credentials()
        if operation.nonce or operation.method not in _SAFE:  # two equal calls of one second are no replay
            request.headers["x-amz-nonce"] = secrets.token_hex(16)
        region = self._settings.region or self._sdk.region
        by = Signature(found.access_key_id, found.secret_key, found.session_token, region)
        unsigned = isinstance(request.body, Payload) and not request.body.repeatable
        if unsigned and not operation.unsigned_payload:
            raise BadArgument(
                f"{operation.id}: the body cannot be read twice, to be signed and sent. Give bytes, a path or a file."
            )
        self._signer.sign(request, by, now=self._settings.clock() + self._skew, unsigned=unsigned)

    def fault(self, received: Received, names: Sequence[str]) -> str | None:
        """What a refusal says is wrong with the proof: "token", "clock" or "credentials".

        Args:
            received: the refusal.
            names: of the schemes that it was proved with.
        """
        kinds = {self._kind(name) for name in names}
        if "signed" in kinds:
            told = f"{received.headers.get('x-amzn-errortype', '')} {received.body[:4000].decode(errors='replace')}"
            return "clock" if _CLOCK.search(told) else "credentials" if _ENDED.search(told) else None
        return "token" if received.status == 401 and kinds & {"login", "client", "bearer"} else None

    def mend(self, fault: str, received: Received, request: Request) -> Plan[bool]:
        """Put it right; gives whether it is.

        Args:
            fault: what is wrong.
            received: the refusal.
            request: that was refused.
        """
        if fault == "token":
            return (yield from self.session.renew(request.headers.get("authorization", "").removeprefix("Bearer ")))
        return self._set_clock(received) if fault == "clock" else self.session.drop_credentials()

    def _set_clock(self, received: Received) -> bool:
        theirs = http_date(received.headers.get("date"))
        if theirs is None:
            return False
        self._skew = theirs - self._settings.clock()
        return True

    def secret_names(self) -> tuple[list[str], list[str]]:
        """The headers and query parameters that hold keys: never told to hooks and logs."""
        keys = [scheme for scheme in self._sdk.schemes.values() if scheme.kind == "key"]
        headers = [scheme.parameter for scheme in keys if scheme.location == "header"]
        return headers, [scheme.parameter for scheme in keys if scheme.location == "query"]


def _alternatives(operation: Operation) -> list[tuple[str, ...]]:
    return [tuple(name for name, _ in requirement) for requirement in operation.security]


def _add_key(request: Request, scheme: Scheme, key: str) -> None:
    wrong = fault(scheme.parameter, key) if scheme.location == "header" else None
    wrong = cookie_fault(scheme.parameter) if scheme.location == "cookie" else wrong
    if wrong:
        raise BadArgument(f"The API key cannot be sent: {wrong}.")
    if scheme.location == "header":
        request.headers[scheme.parameter.lower()] = key
    elif scheme.location == "query":
        joiner = "&" if "?" in request.target else "?"
        request.target += f"{joiner}{quote(scheme.parameter, safe='')}={quote(key, safe='')}"
    else:
        before = request.headers.get("cookie")
        pair = f"{scheme.parameter}={quote(key, safe='')}"
        request.headers["cookie"] = f"{before}; {pair}" if before else pair


def _basic(both: tuple[str, str]) -> str:
    return f"Basic {base64.b64encode(f'{both[0]}:{both[1]}'.encode()).decode()}"
