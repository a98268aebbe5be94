"""The tokens and credentials of one client: fetched, kept, and renewed before they end, one at a time."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from .errors import BadArgument, NotSignedIn, SignInFailed
from .headers import Headers
from .identity import Credentials, Tokens
from .login import Login, has_browser, redeem, tell
from .options import Settings, as_retries
from .provider import Application, Provider, ask, check_address, discover, request, resolve
from .retry import http_date, is_retried, pause, retry_after
from .sdk import Scheme, Sdk
from .steps import Ask, Once, Plan, Send, Sleep
from .stores import MemoryTokenStore, TokenStore

TOKENS_END = 30.0  # seconds before tokens end that they are renewed
CREDENTIALS_END = 60.0  # seconds before credentials end that they are renewed
_LOOK = 0.1  # seconds between two looks whether another program still renews the tokens
_LARGEST = 100_000  # bytes of an answer
_log = logging.getLogger(__name__)


class Session:
    """What is known of whoever is signed in.

    Args:
        sdk: what the document says.
        settings: what the client was told.
        origin: that is called.
        changed: told when somebody signs in or out.
    """

    def __init__(self, sdk: Sdk, settings: Settings, origin: str, *, changed: Callable[[], object]) -> None:
        self._settings = settings
        self._changed = changed
        self._origin = origin
        self._scheme = _login_scheme(sdk)
        self._scopes = tuple(settings.scopes) if settings.scopes is not None else _default_scopes(sdk, self._scheme)
        self._who = Application(settings.client_id or sdk.client_id, settings.client_secret)
        self._store: TokenStore = settings.token_store or MemoryTokenStore()
        self._tokens: Tokens | None = None
        self._loaded = False
        self._provider: Provider | None = None
        self._credentials: Credentials | None = None
        if settings.tokens is not None:
            self._keep(settings.tokens)

    @property
    def can_exchange(self) -> bool:
        """Whether a token can become credentials."""
        return self._scheme is not None and bool(self._scheme.discovery)

    @property
    def has_token(self) -> bool:
        """Whether there is a token, or one can be had without asking a person."""
        if self._settings.access_token is not None or self._settings.client_secret is not None:
            return True
        return self._current() is not None

    def token(self) -> Plan[str]:
        """An access token that counts.

        Raises:
            NotSignedIn: nobody is signed in any more.
        """
        given = self._settings.access_token
        if isinstance(given, str):
            return _as_token(given)
        if given is not None:
            return _as_token((yield Ask(given)))
        tokens = self._current()
        if tokens is None or self._is_ending(tokens.expires_at, TOKENS_END):
            tokens = yield Once("tokens", lambda: self._renewed(tokens.access_token if tokens else None))
        found: Tokens = tokens
        return _as_token(found.access_token)

    def renew(self, used: str) -> Plan[bool]:
        """Renew the tokens, since the server takes this one no more; gives whether there are others now.

        Args:
            used: the access token that was refused.
        """
        if self._settings.access_token is not None:
            return False
        tokens = self._current()
        if tokens is None or not (tokens.refresh_token or self._who.secret):
            return False
        try:
            yield Once("tokens", lambda: self._renewed(used))
        except (NotSignedIn, SignInFailed):
            return False
        return True

    def _renewed(self, old: str | None) -> Plan[Tokens]:
        """Other tokens than the old ones, while no other program renews them."""
        done = yield from self._claimed()
        try:
            return (yield from self._renewed_alone(old))
        finally:
            done()

    def _claimed(self) -> Plan[Callable[[], object]]:
        """Wait until no other program renews the tokens; one that hangs is waited for as long as a request may take."""
        claim: Callable[[], Callable[[], object] | None] = getattr(self._store, "claim", lambda: _nothing)
        for _ in range(math.ceil(self._settings.timeout / _LOOK)):
            done = claim()
            if done is not None:
                return done
            yield Sleep(_LOOK)
        return _nothing

    def _renewed_alone(self, old: str | None) -> Plan[Tokens]:
        """Other tokens than the old ones; somebody else may have fetched them meanwhile."""
        current = self._store.load(self._key) or self._tokens
        if current is not None and current.access_token != old and not self._is_ending(current.expires_at, TOKENS_END):
            self._hold(current)
            return current
        form = self._grant(current)
        if form is None:
            if current is not None and not self._is_ending(current.expires_at, 0.0):
                return current
            raise NotSignedIn("The sign-in has ended: call login().")
        provider = yield from self.provider()
        try:
            tokens = yield from redeem(provider, self._who, form, self._settings.timeout, self._settings.clock, current)
        except SignInFailed as error:
            if error.error != "invalid_grant":
                raise
            if self._was_renewed(current):
                return (yield from self._renewed_alone(old))
            self._keep(None)
            raise NotSignedIn("The sign-in has ended: call login().") from error
        self._keep(tokens)
        return tokens

    def _was_renewed(self, used: Tokens | None) -> bool:
        """Whether somebody else has used up a refresh token, and kept what came of it."""
        kept = self._store.load(self._key)
        return used is not None and kept is not None and kept.refresh_token != used.refresh_token

    def _grant(self, current: Tokens | None) -> dict[str, str] | None:
        if current is not None and current.refresh_token is not None:
            return {"grant_type": "refresh_token", "refresh_token": current.refresh_token}
        if self._who.secret is None:
            return None
        scopes = " ".join(scope for scope in self._scopes if scope not in _OF_PEOPLE)
        return {"grant_type": "client_credentials", **({"scope": scopes} if scopes else {})}

    def provider(self) -> Plan[Provider]:
        """Where people sign in."""
        if self._provider is None:
            self._provider = yield Once("provider", self._discovered)
        return self._provider

    def _discovered(self) -> Plan[Provider]:
        scheme = self._scheme
        if self._provider is not None:
            return self._provider
        if scheme is None:
            raise SignInFailed("The document names no provider to sign in with.")
        if scheme.discovery:
            return (yield from discover(resolve(self._origin, scheme.discovery), self._settings.timeout))
        named = {"authorization_endpoint": scheme.authorization_url, "token_endpoint": scheme.token_url}
        endpoints = {name: resolve(self._origin, url) for name, url in named.items() if url}
        for url in endpoints.values():
            check_address(url)
        return Provider("", endpoints)

    def login(
        self, *, device: bool | None, patience: float, extra: Mapping[str, str], show: Callable[[str], object] | None
    ) -> Plan[None]:
        """Sign somebody in.

        Args:
            device: whether on another device; None: where this one has no browser, and the provider offers it.
            patience: seconds for the person.
            extra: further parameters of the sign-in, such as login_hint.
            show: tells the person where to go; standard error by default.
        """
        if not self._who.id:
            raise BadArgument("login() needs a client_id: Client(client_id=...).")
        provider = yield from self.provider()
        login = Login(
            provider,
            self._who,
            self._scopes,
            self._settings.timeout,
            patience,
            self._settings.clock,
            self._settings.browser,
            show or tell,
            extra,
        )
        if device is None:
            device = not has_browser() and "device_authorization_endpoint" in provider.endpoints
        tokens = yield from (login.on_another_device() if device else login.through_browser())
        self._credentials = None  # they may be somebody else's
        self._keep(tokens)

    def logout(self) -> Plan[None]:
        """Give the refresh token back (RFC 7009), and forget everything."""
        tokens = self._current()
        self._keep(None)
        if tokens is None or tokens.refresh_token is None:
            return
        provider = yield from self.provider()
        if "revocation_endpoint" in provider.endpoints:
            form = {"token": tokens.refresh_token, "token_type_hint": "refresh_token"}
            status, answer = yield from ask(
                provider.endpoints["revocation_endpoint"], self._who, form, self._settings.timeout
            )
            if status != 200:
                raise SignInFailed(f"The provider did not take the token back: status {status}.", error=_error(answer))

    def credentials(self) -> Plan[Credentials]:
        """Credentials that count."""
        given = self._settings.credentials
        if isinstance(given, Credentials):
            return given
        kept = self._credentials
        if kept is not None and not self._is_ending(kept.expires_at, CREDENTIALS_END):
            return kept
        found: Credentials = yield Once("credentials", self._fetched)
        return found

    def drop_credentials(self) -> bool:
        """Forget credentials that the server takes no more; gives whether there can be others."""
        self._credentials = None
        return not isinstance(self._settings.credentials, Credentials)

    def _fetched(self) -> Plan[Credentials]:
        kept = self._credentials
        if kept is not None and not self._is_ending(kept.expires_at, CREDENTIALS_END):
            return kept
        given = self._settings.credentials
        if given is None or isinstance(given, Credentials):
            found = yield from self._exchange()
        else:
            found = yield Ask(given)
            if not isinstance(found, Credentials):
                raise BadArgument("The function that gives credentials must give Credentials.")
        self._credentials = found
        return found

    def _exchange(self) -> Plan[Credentials]:
        """A token in, credentials out."""
        provider = yield from self.provider()
        url = provider.endpoints.get("credentials_endpoint") or f"{provider.issuer.rstrip('/')}/credentials"
        check_address(url)
        attempt, renewed, retries = 1, False, as_retries(self._settings.retries)
        while True:
            token = yield from self.token()
            sent = request("POST", url, self._settings.timeout)
            sent.headers |= {"authorization": f"Bearer {token}", "content-type": "application/json"}
            sent.body = json.dumps({"PreferredRole": self._settings.role} if self._settings.role else {}).encode()
            received = yield Send(sent, "credentials", _LARGEST)
            if received.status == 200:
                return _by_our_clock(_credentials(received.body), received.headers, self._settings.clock())
            if received.status == 401 and not renewed and (yield from self.renew(token)):
                renewed = True
                continue
            asked = retry_after(received.headers, now=self._settings.clock())
            wait = pause(retries, attempt, asked, self._settings.random)
            if wait is None or not is_retried(received.status, idempotent=True):
                raise _no_credentials(received.status, received.body)
            yield Sleep(wait)
            attempt += 1

    @property
    def _key(self) -> str:
        """What tokens are kept by: they are of one provider and one application."""
        scheme = self._scheme
        address = (scheme.discovery or scheme.token_url) if scheme is not None else ""
        return f"{resolve(self._origin, address)} {self._who.id}"

    def _current(self) -> Tokens | None:
        if not self._loaded:
            self._loaded = True
            self._tokens = self._store.load(self._key)
        return self._tokens

    def _keep(self, tokens: Tokens | None) -> None:
        try:
            self._store.save(self._key, tokens)
        except OSError as error:
            _log.warning("The tokens of the sign-in cannot be kept: %s", error)
        self._hold(tokens)

    def _hold(self, tokens: Tokens | None) -> None:
        """From now on these are the tokens; the store knows it."""
        came_or_went = (tokens is None) != (self._tokens is None)
        self._loaded = True
        self._tokens = tokens
        if came_or_went:
            self._credentials = None
            self._changed()

    def _is_ending(self, ends: float | None, before: float) -> bool:
        return ends is not None and ends - before <= self._settings.clock()


def _nothing() -> None:
    """No other program can use this store."""


_OF_PEOPLE = frozenset(("openid", "profile", "email", "offline_access", "address", "phone"))


def _login_scheme(sdk: Sdk) -> Scheme | None:
    """The scheme that people, or programs, get tokens by; a pool that only exchanges them names its provider too."""
    able = [scheme for scheme in sdk.schemes.values() if scheme.discovery or scheme.token_url]
    kinds = ("login", "client", "bearer", "signed")
    able.sort(key=lambda scheme: (not scheme.discovery, kinds.index(scheme.kind) if scheme.kind in kinds else 9))
    return able[0] if able else None


def _default_scopes(sdk: Sdk, scheme: Scheme | None) -> tuple[str, ...]:
    people = scheme is not None and bool(scheme.discovery)
    return tuple(dict.fromkeys((*(("openid",) if people else ()), *sdk.scopes)))


def _as_token(found: Any) -> str:
    if not isinstance(found, str) or not found:
        raise BadArgument("An access token is a text.")
    if "\r" in found or "\n" in found:
        raise BadArgument("The access token has a line break.")
    return found


def _credentials(body: bytes) -> Credentials:
    try:
        return Credentials.read(json.loads(body))
    except (ValueError, AttributeError, RecursionError):
        raise SignInFailed("The provider gave no credentials.") from None


def _by_our_clock(found: Credentials, headers: Headers, now: float) -> Credentials:
    """Credentials that end by the server's clock end by ours as much later as they live, however wrong ours is."""
    theirs = http_date(headers.get("date"))
    if found.expires_at is None or theirs is None:
        return found
    return replace(found, expires_at=found.expires_at - theirs + now)


def _no_credentials(status: int, body: bytes) -> SignInFailed:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    detail = answer.get("detail") if isinstance(answer, dict) else None
    told = detail[:300] if isinstance(detail, str) else f"status {status}"
    return SignInFailed(f"The token was not exchanged for credentials: {told}", description=told)


def _error(answer: Mapping[str, Any]) -> str:
    found = answer.get("error")
    return found if isinstance(found, str) else ""
