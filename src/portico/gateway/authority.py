"""The security schemes that Portico decides itself, where a document names no function of the project for them.

    openIdConnect, oauth2, http bearer    a token of the project's pool, or of the issuer that the scheme names
    apiKey with awsSigv4                  a signed request (AWS Signature Version 4)
    apiKey                                an API key of the project, where auth/plans.yaml has plans for them

Another issuer is named by `openIdConnectUrl`, or by AWS's `x-amazon-apigateway-authorizer: {type: jwt,
jwtConfiguration: {issuer, audience}}`; the audience is needed, since a token that was made for somebody else says
nothing here. A scheme that nobody decides denies.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from portico.design.model import Api, Operation, SecurityScheme
from portico.gateway import bearer
from portico.gateway.exchange import Exchange
from portico.gateway.results import EXTENSION
from portico.tokens import Discovered, Issuer, Rules

if TYPE_CHECKING:
    from portico.gateway.api_key import ApiKeyCheck
    from portico.gateway.signed import Signed
    from portico.gateway.throttle import Throttle

log = logging.getLogger("portico.gateway")

DISCOVERY = "/.well-known/openid-configuration"

Verify = Callable[[Exchange], Any]
Find = Callable[[Exchange], bytes | None]


class Authority:
    """What decides; one for all APIs of a gateway."""

    def __init__(
        self,
        *,
        pool: Issuer | None = None,
        origin: str = "",
        signed: Signed | None = None,
        keys: ApiKeyCheck | None = None,
        throttle: Throttle | None = None,
        leeway: float = 5.0,
    ) -> None:
        """Make one.

        Args:
            pool: verifies access tokens of the project's own pool.
            origin: where the project is found, which relative addresses of a document are resolved with.
            signed: verifies signed requests.
            keys: knows API keys.
            throttle: holds operations to plans and limits; where there are keys, there is one.
            leeway: seconds that clocks of other issuers may differ.
        """
        self._pool = pool
        self._origin = origin
        self.signed = signed
        self.keys = keys
        self.throttle = throttle
        self._leeway = leeway
        self._others: dict[tuple[str, frozenset[str]], Issuer] = {}

    def check(self, api: Api, operation: Operation, scheme: SecurityScheme, scopes: Sequence[str]) -> Verify | None:
        """The check of one scheme of a requirement; None where this is not what decides it."""
        if scheme.is_signed:
            return None if self.signed is None else self.signed.check(api, operation)
        issuer = self._issuer(scheme)
        return None if issuer is None else bearer.check(issuer, scopes)

    def key_check(self, api: Api, operation: Operation, find: Find, *, alone: bool) -> Verify | None:
        """The check of a scheme of API keys; None where it can never hold.

        Args:
            api: the API.
            operation: the operation.
            find: the key, as it stands in a request.
            alone: whether nothing else is required with it.
        """
        if self.keys is None or self.throttle is None:
            return None
        return self.keys.check(api, find, self.throttle.of(api, operation), alone=alone)

    def identify(self, api: Api, operation: Operation) -> Callable[[Exchange], Awaitable[None] | None] | None:
        """The step `key`; see `ApiKeyCheck.identify`."""
        if self.keys is None or self.throttle is None:
            return None
        return self.keys.identify(api, self.throttle.of(api, operation))

    def _issuer(self, scheme: SecurityScheme) -> Issuer | None:
        name, audiences = _named(scheme)
        if name.startswith("/"):
            name = f"{self._origin}{name}"
        if self._is_pool(scheme, name):
            return self._pool
        if not name or not audiences:
            if name:
                log.warning(
                    "security scheme %s: no audience is named for tokens of %s, so it denies. Name it in %s: "
                    "{type: jwt, jwtConfiguration: {issuer: ..., audience: [...]}}",
                    *(scheme.name, name, EXTENSION),
                )
            return None
        key = (name, audiences)
        if key not in self._others:
            rules = Rules(issuer=name, audiences=audiences, leeway=self._leeway)
            self._others[key] = Issuer(rules, Discovered(name))
        return self._others[key]

    def _is_pool(self, scheme: SecurityScheme, name: str) -> bool:
        if self._pool is None:
            return False
        issuer = self._pool.rules.issuer
        if name:
            return name == issuer
        if scheme.type == "oauth2":
            addresses = [str(flow.get(key, "")) for flow in scheme.flows.values() for key in _FLOW_ADDRESSES]
            below = (f"{issuer}/", f"{issuer.removeprefix(self._origin)}/")
            return any(address.startswith(below) for address in addresses)
        return scheme.type == "http" and scheme.scheme == "bearer"


_FLOW_ADDRESSES = ("authorizationUrl", "tokenUrl", "refreshUrl")


def _named(scheme: SecurityScheme) -> tuple[str, frozenset[str]]:
    """The issuer that a scheme names, "" where it names none, and the audiences."""
    authorizer = scheme.extensions.get(EXTENSION)
    declared = authorizer.get("jwtConfiguration") if isinstance(authorizer, Mapping) else None
    declared = declared if isinstance(declared, Mapping) else {}
    audience = declared.get("audience", ())
    audiences = frozenset([audience] if isinstance(audience, str) else map(str, audience or ()))  # type: ignore[arg-type]
    issuer = str(declared.get("issuer") or "")
    if not issuer and scheme.type == "openIdConnect":
        issuer = (scheme.open_id_connect_url or "").removesuffix(DISCOVERY)
    return issuer, audiences
