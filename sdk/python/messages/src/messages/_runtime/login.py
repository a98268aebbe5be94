"""Signing in: through a browser on this machine (RFC 8252), or on another device (RFC 8628)."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import sys
import webbrowser
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from .errors import ConnectionFailed, SignInFailed, harmless
from .identity import Tokens
from .loopback import Loopback
from .provider import Application, Provider, ask, refused
from .steps import Block, Plan, Sleep

_DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
_SHOWN = 1_000  # characters of an address
_SLOWER = 5.0  # seconds more between two questions (RFC 8628 section 3.5)


@dataclass(slots=True)
class Login:
    """One sign-in."""

    provider: Provider
    who: Application
    scopes: Sequence[str]
    timeout: float  # seconds for one request
    patience: float  # seconds for the person
    clock: Callable[[], float]
    browser: Callable[[str], bool]
    tell: Callable[[str], object]
    extra: Mapping[str, str] = field(default_factory=dict)  # further parameters, such as login_hint

    def through_browser(self) -> Plan[Tokens]:
        """Code flow with PKCE (RFC 7636), `state`, `nonce` and `iss` (RFC 9207).

        Raises:
            SignInFailed: the person did not come back, or the answer is not to be trusted.
        """
        endpoint = self.provider.endpoint("authorization_endpoint")
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        with Loopback(state) as server:
            asked = {
                **self.extra,
                "response_type": "code",
                "client_id": self.who.id,
                "redirect_uri": server.redirect_uri,
                "scope": " ".join(self.scopes),
                "state": state,
                "nonce": nonce,
                "code_challenge": _challenge(verifier),
                "code_challenge_method": "S256",
            }
            url = f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"
            self.tell(f"Sign in at {url}")
            try:
                answer = yield Block(lambda: self._opened(server, url))
            except GeneratorExit:
                server.give_up()
                raise
        return (yield from self._redeem(self._code(answer), server.redirect_uri, verifier, nonce))

    def _opened(self, server: Loopback, url: str) -> dict[str, str] | None:
        self.browser(url)
        return server.wait(self.patience)

    def _code(self, answer: Mapping[str, str] | None) -> str:
        if answer is None:
            raise SignInFailed(f"Nobody signed in within {self.patience:.0f} seconds.")
        if not self._is_theirs(answer):
            raise SignInFailed("The answer came from another provider.")
        if "error" in answer:
            raise refused("Signing in", 0, answer)
        if not answer.get("code"):
            raise SignInFailed("The provider sent no code.")
        return answer["code"]

    def _is_theirs(self, answer: Mapping[str, str]) -> bool:
        """Whether an answer comes from the provider that was asked, as far as it has a name (RFC 9207)."""
        issuer = self.provider.issuer
        return not issuer or answer.get("iss", "" if self.provider.names_itself else issuer) == issuer

    def _redeem(self, code: str, redirect_uri: str, verifier: str, nonce: str) -> Plan[Tokens]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        tokens = yield from redeem(self.provider, self.who, form, self.timeout, self.clock)
        issuer = self.provider.issuer
        if not issuer:
            return tokens  # who it is nobody can check, and nobody is told
        if tokens.id_token is not None:
            check_id_token(tokens.id_token, issuer, self.who.id, nonce, self.clock())
        elif "openid" in self.scopes:
            raise SignInFailed("The provider sent no ID token.")
        return tokens

    def on_another_device(self) -> Plan[Tokens]:
        """The device grant (RFC 8628).

        Raises:
            SignInFailed: the provider has none, the person refused, or time is over.
        """
        url = self.provider.endpoint("device_authorization_endpoint")
        form = {"scope": " ".join(self.scopes)} if self.scopes else {}
        status, answer = yield from ask(url, self.who, form, self.timeout)
        code, address, shown = (answer.get(name) for name in ("device_code", "verification_uri", "user_code"))
        if status != 200 or not all(isinstance(one, str) for one in (code, address, shown)):
            raise refused("Asking for a device code", status, answer)
        self.tell(harmless(f"Sign in at {str(address)[:_SHOWN]} with the code {str(shown)[:_SHOWN]}"))
        lifetime = min(_seconds(answer, "expires_in", self.patience), self.patience)
        form = {"grant_type": _DEVICE, "device_code": str(code)}
        return (yield from self._polled(form, _seconds(answer, "interval", 5.0), self.clock() + lifetime))

    def _polled(self, form: Mapping[str, str], interval: float, ends: float) -> Plan[Tokens]:
        """Ask until the person has decided; what fails in between is asked again, later and later (section 3.5)."""
        while (left := ends - self.clock()) > 0:
            yield Sleep(min(interval, left))
            try:
                status, answer = yield from ask(self.provider.endpoint("token_endpoint"), self.who, form, self.timeout)
            except ConnectionFailed:
                status, answer = 503, {}
            if status == 200:
                return _tokens(answer, self.clock())
            if answer.get("error") == "slow_down":
                interval += _SLOWER
            elif status >= 500 or status in (408, 429):
                interval *= 2
            elif answer.get("error") != "authorization_pending":
                raise refused("Signing in", status, answer)
        raise SignInFailed("Nobody signed in while the code was valid.", error="expired_token")


def redeem(
    provider: Provider,
    who: Application,
    form: Mapping[str, str],
    timeout: float,
    clock: Callable[[], float],
    before: Tokens | None = None,
) -> Plan[Tokens]:
    """Ask the token endpoint for tokens (RFC 6749 section 3.2).

    Args:
        provider: that is asked.
        who: asks.
        form: the grant.
        timeout: seconds.
        clock: seconds since the epoch.
        before: the tokens that are renewed.

    Raises:
        SignInFailed: it gives none.
    """
    status, answer = yield from ask(provider.endpoint("token_endpoint"), who, form, timeout)
    if status != 200:
        raise refused("Asking for tokens", status, answer)
    return _tokens(answer, clock(), before)


def _tokens(answer: Mapping[str, Any], now: float, before: Tokens | None = None) -> Tokens:
    kind = answer.get("token_type", "bearer")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise SignInFailed("The provider gives tokens of a kind that is not spoken here.")
    try:
        return Tokens.read(answer, now=now, before=before)
    except ValueError as error:
        raise SignInFailed(str(error)) from None


def check_id_token(token: str, issuer: str, client_id: str, nonce: str, now: float) -> None:
    """Whether an ID token is for this sign-in. It came from the provider itself over TLS, which stands for its
    signature (OpenID Connect Core section 3.1.3.7, step 6).

    Args:
        token: the ID token.
        issuer: that is asked.
        client_id: that asks.
        nonce: of this sign-in.
        now: seconds since the epoch.

    Raises:
        SignInFailed: it is not.
    """
    try:
        part = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        audience, ends = claims["aud"], float(claims["exp"])
        good = (
            claims["iss"] == issuer
            and client_id in (audience if isinstance(audience, list) else [audience])
            and claims.get("azp", client_id) == client_id
            and secrets.compare_digest(str(claims.get("nonce")), nonce)
            and ends > now - 300
        )
    except (ValueError, KeyError, IndexError, TypeError):
        good = False
    if not good:
        raise SignInFailed("The ID token is not for this sign-in.")


def has_browser() -> bool:
    """Whether a browser can be opened on this machine."""
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def tell(text: str) -> None:
    """Say something to the person at the terminal, beside what the program prints."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _seconds(answer: Mapping[str, Any], name: str, default: float) -> float:
    value = answer.get(name)
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0 else default
