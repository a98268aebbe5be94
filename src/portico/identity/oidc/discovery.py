"""What clients find out by themselves (OpenID Connect Discovery section 3, RFC 8414 section 2, RFC 9207)."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from portico.access import Roles
from portico.identity.keys import SigningKeys
from portico.identity.oidc import answers, scopes
from portico.identity.oidc.authentication import METHODS
from portico.identity.oidc.device_grant import DeviceGrant
from portico.identity.oidc.pkce import METHOD
from portico.identity.pool import Pool

CACHED = {  # less than a new key is published ahead of its use
    "Cache-Control": "public, max-age=300",
    "X-Content-Type-Options": "nosniff",
}
PROMPTS = ("none", "login", "consent", "create")


def document(pool: Pool, *, credentials: bool) -> Mapping[str, object]:
    """The provider's metadata: OpenID Connect Discovery and RFC 8414 share their names.

    Args:
        pool: whose.
        credentials: whether tokens can be exchanged for temporary credentials. Their endpoint is a name of ours
            (RFC 8414 section 2 allows further ones).
    """
    issuer, settings = pool.issuer, pool.settings
    found: dict[str, object] = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth2/authorize",
        "token_endpoint": f"{issuer}/oauth2/token",
        "userinfo_endpoint": f"{issuer}/oauth2/userInfo",
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "revocation_endpoint": f"{issuer}/oauth2/revoke",
        "introspection_endpoint": f"{issuer}/oauth2/introspect",
        "device_authorization_endpoint": f"{issuer}/oauth2/device_authorization",
        "end_session_endpoint": f"{issuer}/logout",
        "scopes_supported": list(scopes.known(settings)),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials", DeviceGrant.name],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [settings.algorithm],
        "token_endpoint_auth_methods_supported": list(METHODS),
        "revocation_endpoint_auth_methods_supported": list(METHODS),
        "introspection_endpoint_auth_methods_supported": [method for method in METHODS if method != "none"],
        "code_challenge_methods_supported": [METHOD],
        "prompt_values_supported": [prompt for prompt in PROMPTS if prompt != "create" or settings.sign_up == "open"],
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "jti", "auth_time", "amr", "nonce", "at_hash", "token_use",
            "origin_jti", "preferred_username", "updated_at", "email", "email_verified", "cognito:username",
            "cognito:groups", *settings.attributes,
        ],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
    }  # fmt: skip
    if credentials:
        found["credentials_endpoint"] = f"{issuer}/credentials"
    if settings.dynamic_registration:
        found["registration_endpoint"] = f"{issuer}/oauth2/register"
    return found


class Discovery:
    """Answers with the metadata and the key set."""

    def __init__(self, pool: Pool, *, keys: SigningKeys, roles: Roles) -> None:
        self._keys = keys
        self._roles = roles
        self._without, self._with = (document(pool, credentials=some) for some in (False, True))

    async def metadata(self, _request: Request) -> Response:
        """The metadata. Roles come and go while a server runs."""
        return answers.json(self._with if self._roles.all else self._without, headers=CACHED)

    async def jwks(self, _request: Request) -> Response:
        """The public signing keys (RFC 7517 section 5)."""
        return answers.json(await self._keys.jwks(), headers=CACHED)
