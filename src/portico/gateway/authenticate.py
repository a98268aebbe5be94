"""Who is calling: the operation's security requirements, compiled.

The schemes' functions are Connexion's (`x-bearerInfoFunc` and its kin). They are called on every request, except where
the scheme has `x-amazon-apigateway-authorizer` with a time to live, which keeps what they said (see `results`). A
scheme without a function is decided by Portico itself where it can (see `authority`).
Requirements are alternatives, the schemes of one must all be satisfied. A scheme that nobody can decide denies.
"""

from __future__ import annotations

import base64
import binascii
import inspect
import logging
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from connexion.exceptions import OAuthProblem, OAuthResponseProblem, OAuthScopeProblem
from connexion.security import NO_VALUE, OAuthSecurityHandler, SecurityHandlerFactory
from connexion.utils import get_function_from_name

from portico.context import ByKey, Together
from portico.design.model import Api, Operation, Requirement, SecurityScheme
from portico.errors import HandlerError
from portico.gateway.exchange import Exchange
from portico.gateway.problems import TokenRefused, Unauthenticated
from portico.gateway.results import ResultCaches

if TYPE_CHECKING:
    from portico.gateway.attempts import Attempts
    from portico.gateway.authority import Authority

logger = logging.getLogger(__name__)

Credential = tuple[str, ...]  # the positional arguments of the project's function
Find = Callable[[Exchange], bytes | None]  # the credential as it stands in the request
Parse = Callable[[bytes | None], Credential | None]
Verify = Callable[[Exchange], Any]  # NO_VALUE, what the function said, or an awaitable of either

FUNCTIONS = {  # kind of scheme -> the extension and the environment variable that name its function (Connexion's)
    "basic": ("x-basicInfoFunc", "BASICINFO_FUNC"),
    "bearer": ("x-bearerInfoFunc", "BEARERINFO_FUNC"),
    "apiKey": ("x-apikeyInfoFunc", "APIKEYINFO_FUNC"),
    "oauth2": ("x-tokenInfoFunc", "TOKENINFO_FUNC"),
}
KEY_CHALLENGE = 'ApiKey realm="api"'  # no registered scheme: RFC 9110 section 15.5.2 wants one
REFUSALS = {"bearer": "Provided token is not valid", "oauth2": "Provided token is not valid"}


class Schemes:
    """The security schemes of an API: their functions, found once, and what these said where that may be kept."""

    def __init__(self, authority: Authority | None = None, attempts: Attempts | None = None) -> None:
        self.results = ResultCaches()
        self.authority = authority
        self.attempts = attempts
        self._functions: dict[str, Callable[..., Any] | None] = {}

    def function(self, scheme: SecurityScheme, kind: str) -> Callable[..., Any] | None:
        """The project's function for a scheme; None, and a warning, where it has none.

        Raises:
            HandlerError: it is named, but cannot be imported.
        """
        if scheme.name not in self._functions:
            self._functions[scheme.name] = _function(scheme, kind)
        return self._functions[scheme.name]


class Authenticator:
    """The step `authenticate` of one operation."""

    def __init__(
        self, api: Api, operation: Operation, security_map: Mapping[str, Any] | None, schemes: Schemes
    ) -> None:
        requirements = operation.security or ()
        self._factory = SecurityHandlerFactory(dict(security_map)) if security_map else None
        self._api = api
        self._operation = operation
        self._schemes = schemes
        self._alternatives = [
            verify for verify in (self._requirement(requirement) for requirement in requirements) if verify is not None
        ]
        names = {name for requirement in requirements for name in requirement.schemes}
        known = [api.security_schemes[name] for name in sorted(names) if name in api.security_schemes]
        self.challenge = _challenge(known)
        self._has_signed = any(scheme.is_signed for scheme in known)
        self._has_key = any(self._is_key(scheme) for scheme in known)
        if self._has_key:
            self.challenge = ", ".join(filter(None, (self.challenge, KEY_CHALLENGE)))
        self.query_names = frozenset(s.parameter for s in known if s.location == "query" and s.parameter is not None)
        if self._has_signed and schemes.authority is not None and schemes.authority.signed is not None:
            self.query_names |= schemes.authority.signed.query_names

    def _requirement(self, requirement: Requirement) -> Verify | None:
        """The check of one alternative; None where one of its schemes cannot be decided, so that it never holds."""
        if not requirement.schemes:
            return lambda x: {}
        checks: dict[str, Verify] = {}
        alone = len(requirement.schemes) == 1
        for name, scopes in requirement.schemes.items():
            scheme = self._api.security_schemes.get(name)
            check = self._scheme(scheme, list(scopes), alone=alone) if scheme is not None else None
            if check is None:
                return None
            checks[name] = check
        return next(iter(checks.values())) if len(checks) == 1 else _all_of(checks)

    def _is_key(self, scheme: SecurityScheme) -> bool:
        """Whether it is an API key of the project, decided here."""
        authority = self._schemes.authority
        decides = authority is not None and authority.keys is not None
        return decides and scheme.is_key and not _names_function(scheme, _kind(scheme))

    def _scheme(self, scheme: SecurityScheme, scopes: list[str], *, alone: bool) -> Verify | None:
        if self._factory is not None:
            check = self._factory.parse_security_scheme(dict(scheme.raw), scopes)
            return None if check is None else lambda x: check(x.connexion_request())
        kind = _kind(scheme)
        if self._schemes.authority is not None and not _names_function(scheme, kind):
            known = self._schemes.authority.check(self._api, self._operation, scheme, scopes)
            if known is None and self._is_key(scheme):
                known = self._schemes.authority.key_check(
                    self._api, self._operation, _source(scheme, kind)[0], alone=alone
                )
            if known is not None:
                return known
        function = self._schemes.function(scheme, kind)
        if function is None:
            return None
        find, parse = _source(scheme, kind)
        ask = _asker(function, scopes, REFUSALS.get(kind, "Provided authorization is not valid"))
        if kind == "oauth2":
            ask = _with_scopes(ask, _scope_validator(scheme), scopes)

        def verify(x: Exchange) -> Any:
            credential = parse(find(x))
            return NO_VALUE if credential is None else ask(x, credential)

        if _takes(function, "request"):
            return verify
        matters = kind == "oauth2" or _takes(function, "required_scopes")
        cache = self._schemes.results.of(scheme, scopes if matters else ())
        return verify if cache is None else cache.around(verify, find)

    def authorise(self, base_path: str) -> Callable[[Exchange], None] | None:
        """The step `authorise`: whether the role of who signed may call this. None where nobody signs.

        Args:
            base_path: the API's.
        """
        authority = self._schemes.authority
        if not self._has_signed or authority is None or authority.signed is None:
            return None
        return authority.signed.authorise(self._api, self._operation, base_path)

    def identify(self) -> Callable[[Exchange], Awaitable[None] | None] | None:
        """The step `key`: finds the API key by who is calling. None where keys stand in requests, or are not asked."""
        authority = self._schemes.authority
        return None if authority is None or not self._has_key else authority.identify(self._api, self._operation)

    def __call__(self, x: Exchange) -> Awaitable[None] | None:
        """Set `x.caller` and Connexion's `user` and `token_info` by the first alternative that holds, or refuse.

        Nothing is awaited as long as everything can be decided at once.

        Raises:
            Unauthenticated: nobody proved who they are, or what they showed is not valid.
        """
        errors: list[Exception] = []
        alternatives = iter(self._alternatives)
        for verify in alternatives:
            try:
                said = verify(x)
            except Exception as error:
                errors.append(error)
                continue
            if isinstance(said, dict):
                self._accept(x, said)
                return None
            if said is not NO_VALUE:
                return self._later(x, said, alternatives, errors)
        raise self._refusal(x, errors)

    async def _later(self, x: Exchange, said: Any, others: Iterator[Verify], errors: list[Exception]) -> None:
        """The same from an alternative on that has to be awaited."""
        while True:
            try:
                said = await _settled(said)
                if said is not NO_VALUE:
                    self._accept(x, said)
                    return
            except Exception as error:
                errors.append(error)
            following = next(others, None)
            if following is None:
                raise self._refusal(x, errors)
            said = _asked(following, x)

    @staticmethod
    def _accept(x: Exchange, said: Any) -> None:
        x.caller = said
        x.context["user"] = said["key"] if said.__class__ is ByKey else said.get("sub", said.get("uid"))
        x.context["token_info"] = said

    def _refusal(self, x: Exchange, errors: list[Exception]) -> Exception:
        """The most telling error, as Connexion ranks them: 403, then 401, then the lowest status."""
        if not errors:
            refusal: Exception = Unauthenticated()
        else:
            by_status = {getattr(e, "status_code", getattr(e, "status", 600)): e for e in errors}
            refusal = by_status.get(403) or by_status.get(401) or by_status[min(by_status)]
            if self._schemes.attempts is not None:
                self._schemes.attempts.fail(x, refusal)
        if getattr(refusal, "status_code", None) == 401 and self.challenge:
            challenge = self.challenge
            if isinstance(refusal, TokenRefused):  # RFC 6750 section 3.1
                challenge = challenge.replace("Bearer", f'Bearer error="invalid_token", {_described(refusal)}', 1)
            refusal.headers = {**(getattr(refusal, "headers", None) or {}), "WWW-Authenticate": challenge}  # type: ignore[attr-defined]
        return refusal


async def _asked(verify: Verify, x: Exchange) -> Any:
    return verify(x)


async def _settled(said: Any) -> Any:
    while inspect.isawaitable(said):
        said = await said
    return said


def _all_of(checks: Mapping[str, Verify]) -> Verify:
    """The check of a requirement with several schemes. Nothing is awaited as long as all can be decided at once."""

    def verify(x: Exchange) -> Any:
        said = Together()
        remaining = iter(checks.items())
        for name, check in remaining:
            one = check(x)
            if one is NO_VALUE:
                return NO_VALUE
            if not isinstance(one, dict):
                return later(x, said, name, one, remaining)
            said[name] = one
        return said

    async def later(x: Exchange, said: Together, name: str, one: Any, others: Iterator[tuple[str, Verify]]) -> Any:
        while True:
            one = await _settled(one)
            if one is NO_VALUE:
                return NO_VALUE
            said[name] = one
            following = next(others, None)
            if following is None:
                return said
            name, check = following
            one = check(x)

    return verify


def _kind(scheme: SecurityScheme) -> str:
    """Which of Connexion's kinds of scheme this is; "" for one that it does not know."""
    if scheme.type == "http":
        return scheme.scheme if scheme.scheme in ("basic", "bearer") else ""
    if scheme.type == "apiKey" and str(scheme.extensions.get("x-authentication-scheme", "")).lower() == "bearer":
        return "bearer"
    return scheme.type if scheme.type in FUNCTIONS else ""


def _described(refusal: TokenRefused) -> str:
    return f'error_description="{refusal.detail}"'


def _names_function(scheme: SecurityScheme, kind: str) -> bool:
    """Whether the document, or the environment, says that a function of the project decides."""
    extension, variable = FUNCTIONS.get(kind, ("", ""))
    names = [scheme.extensions.get(extension), os.environ.get(variable)]
    if kind == "oauth2":
        names += [scheme.extensions.get("x-tokenInfoUrl"), os.environ.get("TOKENINFO_URL")]
    return any(names)


def _function(scheme: SecurityScheme, kind: str) -> Callable[..., Any] | None:
    """The project's function for a scheme.

    Raises:
        HandlerError: it is named, but cannot be imported.
    """
    if kind not in FUNCTIONS:
        logger.warning("security scheme %s: nobody can decide type %s, so it denies", scheme.name, scheme.type)
        return None
    extension, variable = FUNCTIONS[kind]
    function = _named(scheme, extension, variable)
    if function is None and kind == "oauth2":
        url = scheme.extensions.get("x-tokenInfoUrl") or os.environ.get("TOKENINFO_URL")
        function = OAuthSecurityHandler().get_token_info_remote(str(url)) if url else None
    if function is None:
        logger.warning("security scheme %s: it names no %s, so it denies", scheme.name, extension)
    return function


def _named(scheme: SecurityScheme, extension: str, variable: str) -> Callable[..., Any] | None:
    name = scheme.extensions.get(extension) or os.environ.get(variable)
    if not name:
        return None
    try:
        function: Callable[..., Any] = get_function_from_name(str(name))
    except (ImportError, AttributeError, ValueError) as error:
        raise HandlerError(
            f"security scheme {scheme.name}: {extension} names {name}, which cannot be imported ({error}). "
            "Write the function, or mend the name."
        ) from error
    return function


def _scope_validator(scheme: SecurityScheme) -> Callable[..., Any]:
    return _named(scheme, "x-scopeValidateFunc", "SCOPEVALIDATE_FUNC") or OAuthSecurityHandler.validate_scope


def _source(scheme: SecurityScheme, kind: str) -> tuple[Find, Parse]:
    """Where a scheme's credential stands in a request, and how it is read."""
    if kind in ("bearer", "oauth2"):
        return _authorization, _bearer_token
    if kind == "basic":
        return _authorization, _user_and_password
    name = scheme.parameter or ""
    if scheme.location == "header":
        key = name.lower().encode("latin-1")
        return lambda x: x.headers.get(key), _text
    if scheme.location == "cookie":
        return lambda x: _encoded(cookie(x, name)), _text
    return lambda x: _encoded(query_value(x, name)), _text


def _encoded(text: str | None) -> bytes | None:
    return None if text is None else text.encode("utf-8", "surrogateescape")


def _text(raw: bytes | None) -> tuple[str] | None:
    return None if raw is None else (raw.decode("utf-8", "surrogateescape"),)


def _authorization(x: Exchange) -> bytes | None:
    return x.headers.get(b"authorization")


def _kind_and_value(header: bytes | None) -> tuple[str, str] | None:
    """The two parts of an Authorization header (RFC 9110 section 11.6.2)."""
    if not header:
        return None
    kind, _, value = header.decode("latin-1").strip().partition(" ")
    if not value.strip():
        raise OAuthProblem(detail="Invalid authorization header")
    return kind.lower(), value.strip()


def _bearer_token(header: bytes | None) -> tuple[str] | None:
    found = _kind_and_value(header)
    return (found[1],) if found is not None and found[0] == "bearer" else None


def _user_and_password(header: bytes | None) -> tuple[str, str] | None:
    found = _kind_and_value(header)
    if found is None or found[0] != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(found[1], validate=True).decode("latin-1").partition(":")
    except (binascii.Error, ValueError):
        raise OAuthProblem(detail="Invalid authorization header") from None
    if not colon:
        raise OAuthProblem(detail="Invalid authorization header")
    return user, password


def cookie(x: Exchange, name: str) -> str | None:
    """A cookie's value."""
    jar = SimpleCookie()
    try:
        jar.load(x.header(b"cookie") or "")
    except CookieError:
        return None
    return jar[name].value if name in jar else None


def query_value(x: Exchange, name: str) -> str | None:
    """A query parameter's last value."""
    try:
        values = parse_qs(x.scope["query_string"].decode("latin-1"), keep_blank_values=True, max_num_fields=1_000)
    except ValueError:
        return None
    return values[name][-1] if name in values else None


def _takes(function: Callable[..., Any], keyword: str) -> bool:
    parameters = inspect.signature(function).parameters
    return keyword in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


Ask = Callable[[Exchange, Credential], Any]


def _asker(function: Callable[..., Any], scopes: list[str], refusal: str) -> Ask:
    """Calls the project's function with the keywords that it takes (Connexion: `required_scopes`, `request`)."""
    takes_scopes, takes_request = _takes(function, "required_scopes"), _takes(function, "request")

    def ask(x: Exchange, credential: Credential) -> Any:
        keywords: dict[str, Any] = {}
        if takes_scopes:
            keywords["required_scopes"] = scopes
        if takes_request:
            keywords["request"] = x.connexion_request()
        said = function(*credential, **keywords)
        if said is None:
            raise OAuthResponseProblem(detail=refusal)
        return _checked_later(said, refusal) if inspect.isawaitable(said) else said

    return ask


async def _checked_later(said: Any, refusal: str) -> Any:
    said = await _settled(said)
    if said is None:
        raise OAuthResponseProblem(detail=refusal)
    return said


def _with_scopes(ask: Ask, validate: Callable[..., Any], scopes: list[str]) -> Ask:
    """Also asks whether the token's scopes are enough (Connexion: `x-scopeValidateFunc`)."""

    async def ask_both(x: Exchange, credential: Credential) -> Any:
        said = await _settled(ask(x, credential))
        if said is NO_VALUE:
            return said
        granted = said.get("scope", said.get("scopes", ""))
        if not await _settled(validate(scopes, granted)):
            raise OAuthScopeProblem(token_scopes=granted, required_scopes=scopes)
        return said

    return ask_both


def _challenge(schemes: list[SecurityScheme]) -> str:
    """The value of WWW-Authenticate (RFC 9110 section 11.6.1)."""
    kinds = [_kind(scheme) for scheme in schemes]
    challenges = []
    if "bearer" in kinds or "oauth2" in kinds or any(scheme.type == "openIdConnect" for scheme in schemes):
        challenges.append("Bearer")
    if "basic" in kinds:
        challenges.append('Basic realm="api", charset="UTF-8"')
    if any(scheme.is_signed for scheme in schemes):
        challenges.append('AWS4-HMAC-SHA256 realm="execute-api"')
    return ", ".join(challenges)
