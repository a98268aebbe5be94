"""Another OpenID provider, as a relying party sees it (OpenID Connect Core 1.0 section 3.1)."""

from __future__ import annotations

import base64
import hmac
import inspect
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode

import httpx2
import msgspec

from portico.errors import ConfigError
from portico.identity.federation.errors import AnswerRefused, ProviderUnreachable
from portico.identity.settings import FILE, IdentityProvider
from portico.secret import Secret
from portico.store import Clock
from portico.tokens import Discovered, InvalidToken, Issuer, Rules
from portico.tokens.jwks import DISCOVERY, fetched, secure

FRESH = 3_600.0  # seconds that a discovery document is kept
TIMEOUT = 10.0  # seconds
ANSWER = 262_144  # bytes of a token endpoint's answer
LEEWAY = 60.0  # seconds that its clock may differ


@dataclass(frozen=True, slots=True)
class Request:
    """What a sign-in began with, and its answer must fit."""

    state: str
    nonce: str
    verifier: str  # of PKCE (RFC 7636 section 4.1)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is at a provider."""

    issuer: str
    subject: str
    email: str | None  # only where the provider says that it is verified


class Provider:
    """One declared identity provider."""

    def __init__(
        self,
        name: str,
        declared: IdentityProvider,
        *,
        redirect_uri: str,
        clock: Clock,
        environ: Mapping[str, str] = os.environ,
        transport: Callable[[], httpx2.AsyncClient] | None = None,
    ) -> None:
        """Know a provider; it is asked nothing yet.

        Args:
            name: in `auth/pool.yaml`.
            declared: what stands there.
            redirect_uri: where it sends people back to.
            clock: seconds since the epoch.
            environ: holds the client's secret.
            transport: makes HTTP clients.

        Raises:
            ConfigError: the variable with the client's secret is not set, or the secret stands in the file.
        """
        self.name = name
        self.title = declared.title
        self.issuer = declared.issuer
        self._declared = declared
        self._secret = _secret(name, declared.client_secret, environ)
        self._redirect_uri = redirect_uri
        self._clock = clock
        self._client = transport or (lambda: httpx2.AsyncClient(timeout=TIMEOUT, follow_redirects=False))
        self._configuration: tuple[float, Mapping[str, Any]] | None = None
        rules = Rules(issuer=declared.issuer, audiences=frozenset({declared.client_id}), leeway=LEEWAY)
        self._tokens = Issuer(rules, Discovered(declared.issuer, clock=clock), clock=clock, entries=16)

    async def address(self, request: Request) -> str:
        """Where the browser goes to sign in (OpenID Connect Core 1.0 section 3.1.2.1).

        Raises:
            ProviderUnreachable: its discovery document cannot be had.
        """
        configuration = await self._discovered()
        challenge = base64.urlsafe_b64encode(sha256(request.verifier.encode()).digest()).rstrip(b"=").decode()
        query = urlencode(
            {
                "response_type": "code",
                "client_id": self._declared.client_id,
                "redirect_uri": self._redirect_uri,
                "scope": " ".join(self._declared.scopes),
                "state": request.state,
                "nonce": request.nonce,
                "code_challenge": challenge,
                "code_challenge_method": "S256",
            }
        )
        endpoint = str(configuration["authorization_endpoint"])
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{query}"

    async def identity(self, request: Request, answer: Mapping[str, str]) -> Identity:
        """Who came back.

        Args:
            request: what the sign-in began with.
            answer: the parameters that the browser brought, `state` checked already.

        Raises:
            AnswerRefused: the answer is not to be believed.
            ProviderUnreachable: the provider does not answer.
        """
        configuration = await self._discovered()
        self._check_issuer(configuration, answer)
        tokens = await self._redeem(configuration, answer.get("code", ""), request.verifier)
        claims = await self._verified(str(tokens.get("id_token", "")))
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), request.nonce.encode()):
            raise AnswerRefused("the nonce is not the one that was sent")
        if claims.get("azp", self._declared.client_id) != self._declared.client_id:
            raise AnswerRefused("azp names another client")
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= 255:
            raise AnswerRefused("sub is missing")
        verified = claims.get("email_verified") is True and isinstance(claims.get("email"), str)
        return Identity(self.issuer, subject, str(claims["email"]) if verified else None)

    def _check_issuer(self, configuration: Mapping[str, Any], answer: Mapping[str, str]) -> None:
        """RFC 9207: an answer of another provider is not taken for one of this."""
        said = answer.get("iss")
        if said is None and configuration.get("authorization_response_iss_parameter_supported") is not True:
            return
        if said != self.issuer:
            raise AnswerRefused(f"iss is {str(said)[:200]!r}")

    async def _discovered(self) -> Mapping[str, Any]:
        if self._configuration is not None and self._clock() < self._configuration[0] + FRESH:
            return self._configuration[1]
        try:
            async with self._client() as client:
                document = await fetched(client, f"{self.issuer.rstrip('/')}{DISCOVERY}")
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            raise ProviderUnreachable(self.title, str(error)) from error
        missing = [name for name in ("authorization_endpoint", "token_endpoint") if not document.get(name)]
        if document.get("issuer") != self.issuer or missing:
            raise ProviderUnreachable(self.title, f"the discovery document is of another issuer, or lacks {missing}")
        self._configuration = (self._clock(), document)
        return document

    async def _redeem(self, configuration: Mapping[str, Any], code: str, verifier: str) -> Mapping[str, Any]:
        """Exchange the code (RFC 6749 section 4.1.3)."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": verifier,
            "client_id": self._declared.client_id,
        }
        headers = {"Accept": "application/json"}
        if self._secret:  # RFC 6749 section 2.3.1
            pair = f"{quote(self._declared.client_id, safe='')}:{quote(self._secret.reveal(), safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
            del form["client_id"]
        try:
            async with self._client() as client:
                answer = await client.post(secure(str(configuration["token_endpoint"])), data=form, headers=headers)
            body = answer.content
            tokens = msgspec.json.decode(body) if len(body) <= ANSWER else None
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:  # msgspec.DecodeError is a ValueError
            raise ProviderUnreachable(self.title, f"the token endpoint: {type(error).__name__}") from error
        if answer.status_code != 200 or not isinstance(tokens, dict):
            reason = tokens.get("error") if isinstance(tokens, dict) else None
            raise AnswerRefused(f"the token endpoint answers {answer.status_code} {str(reason)[:100]}")
        return tokens

    async def _verified(self, token: str) -> Mapping[str, Any]:
        try:
            claims = self._tokens.claims(token.encode())
            return await claims if inspect.isawaitable(claims) else claims
        except InvalidToken as error:
            raise AnswerRefused(f"the ID token: {error.reason}") from None


def _secret(name: str, written: str, environ: Mapping[str, str]) -> Secret:
    if not written:
        return Secret()
    variable = written.removeprefix("env:")
    if variable == written:
        raise ConfigError(
            f"{FILE}: identity_providers.{name}.client_secret is a secret in a file. Write env:NAME there, and the "
            "secret into the environment variable NAME."
        )
    if not environ.get(variable):
        raise ConfigError(f"{FILE}: identity_providers.{name} needs the environment variable {variable}.")
    return Secret(environ[variable])
