"""Another OpenID provider, as a relying party sees it (OpenID Connect Core 1.0 section 3.1)."""

from __future__ import annotations

import asyncio
import base64
import inspect
import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from portico.errors import ConfigError
from portico.identity.federation.claims import Identity, identity_of
from portico.identity.federation.configuration import Configuration, Endpoints
from portico.identity.federation.errors import AnswerRefused, NotSignedInAnew, ProviderUnreachable
from portico.identity.federation.upstream import Upstream, endpoint
from portico.identity.settings import FILE, IdentityProvider
from portico.secret import Secret
from portico.store import Clock
from portico.tokens import Discovered, InvalidToken, Issuer, Rules

LEEWAY = 60.0  # seconds that its clock may differ
ISSUER = 512  # characters that are stored


@dataclass(frozen=True, slots=True)
class Request:
    """What a sign-in began with, and its answer must fit."""

    state: str
    nonce: str
    verifier: str  # of PKCE (RFC 7636 section 4.1)
    fresh_since: float | None = None  # who proved before that who they are must do it again; seconds since the epoch


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
    ) -> None:
        """Know a provider; it is asked nothing yet.

        Args:
            name: in `auth/pool.yaml`.
            declared: what stands there.
            redirect_uri: where it sends people back to.
            clock: seconds since the epoch.
            environ: holds the client's secret.

        Raises:
            ConfigError: it cannot be asked safely, the variable with the client's secret is not set, or the secret
                stands in the file.
        """
        _check(name, declared)
        self.name = name
        self.title = declared.title
        self.issuer = declared.issuer
        self._declared = declared
        self._secret = _secret(name, declared.client_secret, environ)
        self._redirect_uri = redirect_uri
        self._upstream = Upstream(declared.title)
        self._configuration = Configuration(declared.issuer, self._upstream, clock=clock)
        self._keys = Discovered(declared.issuer, clock=clock)
        rules = Rules(issuer=declared.issuer, audiences=frozenset({declared.client_id}), leeway=LEEWAY)
        self._tokens = Issuer(rules, self._keys, clock=clock, entries=16)

    async def address(self, request: Request) -> str:
        """Where the browser goes to sign in (OpenID Connect Core 1.0 section 3.1.2.1).

        Args:
            request: what the sign-in begins with.

        Raises:
            ProviderUnreachable: its discovery document cannot be had.
        """
        where = (await self._configuration.current()).authorization
        challenge = base64.urlsafe_b64encode(sha256(request.verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self._declared.client_id,
            "redirect_uri": self._redirect_uri,
            "scope": " ".join(self._declared.scopes),
            "state": request.state,
            "nonce": request.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        if request.fresh_since is not None:
            query["max_age"] = "0"  # with it, the ID token must say `auth_time` (section 2)
        return f"{where}{'&' if '?' in where else '?'}{urlencode(query)}"

    def check_issuer(self, said: str | None) -> None:
        """RFC 9207: an answer of another provider, good or bad, is not taken for one of this.

        Args:
            said: the `iss` of the answer.

        Raises:
            AnswerRefused: it is another's.
        """
        if said is not None and said != self.issuer:
            raise AnswerRefused(f"iss is {said[:200]!r}")

    async def identity(self, request: Request, answer: Mapping[str, str]) -> Identity:
        """Who came back.

        Args:
            request: what the sign-in began with.
            answer: the parameters that the browser brought, `state` checked already.

        Raises:
            AnswerRefused: the answer is not to be believed.
            NotSignedInAnew: they had to prove again who they are, and were not asked to.
            ProviderUnreachable: the provider does not answer.
        """
        self.check_issuer(answer.get("iss"))
        endpoints = await self._configuration.current()
        if endpoints.names_itself and "iss" not in answer:
            raise AnswerRefused("iss is missing, though the provider always says it")
        tokens = await self._redeem(endpoints, answer.get("code", ""), request.verifier)
        claims = await self._verified(tokens.get("id_token"))
        found = identity_of(claims, issuer=self.issuer, client_id=self._declared.client_id, nonce=request.nonce)
        since = request.fresh_since
        if since is not None and (found.auth_time is None or found.auth_time < since - LEEWAY):
            raise NotSignedInAnew(self.title)
        return found

    async def _redeem(self, endpoints: Endpoints, code: str, verifier: str) -> Mapping[str, Any]:
        """Exchange the code (RFC 6749 section 4.1.3)."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": verifier,
        }
        headers = {}
        if self._secret and endpoints.basic:  # RFC 6749 section 2.3.1
            pair = f"{quote(self._declared.client_id, safe='')}:{quote(self._secret.reveal(), safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form["client_id"] = self._declared.client_id
            if self._secret:
                form["client_secret"] = self._secret.reveal()
        status, tokens = await self._upstream.ask(endpoints.token, form, headers)
        if status >= 500:
            raise ProviderUnreachable(self.title, f"the token endpoint answers {status}")
        if status != 200:
            raise AnswerRefused(f"the token endpoint answers {status} {str(tokens.get('error'))[:100]!r}")
        return tokens

    async def _verified(self, token: object) -> Mapping[str, Any]:
        if not isinstance(token, str):
            raise AnswerRefused("there is no ID token")
        try:
            async with asyncio.timeout(self._upstream.timeout):
                claims = self._tokens.claims(token.encode("utf-8", "replace"))
                return await claims if inspect.isawaitable(claims) else claims
        except TimeoutError:
            raise ProviderUnreachable(self.title, "its keys do not come") from None
        except InvalidToken as error:
            if not self._keys.known():
                raise ProviderUnreachable(self.title, "its keys cannot be had") from None
            raise AnswerRefused(f"the ID token: {error.reason[:300]!r}") from None


def _check(name: str, declared: IdentityProvider) -> None:
    where = f"{FILE}: identity_providers.{name}"
    try:
        endpoint(declared.issuer)
    except ValueError:
        raise ConfigError(
            f"{where}.issuer: {declared.issuer} is no issuer. Write https://accounts.example, as its discovery "
            "document says it; http is for this machine only."
        ) from None
    if urlsplit(declared.issuer).query or len(declared.issuer) > ISSUER:
        raise ConfigError(f"{where}.issuer has a query, or more than {ISSUER} characters.")
    if "openid" not in declared.scopes:
        raise ConfigError(f"{where}.scopes lacks openid: without it a provider does not say who somebody is.")


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
