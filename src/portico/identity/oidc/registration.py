"""Dynamic registration (RFC 7591): off unless `dynamic_registration: true`. Such clients always ask for consent."""

from __future__ import annotations

import uuid
from typing import Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from portico.identity.oidc import answers, parameters, scopes
from portico.identity.oidc.clients import Clients
from portico.identity.oidc.errors import InvalidClientMetadata, InvalidRedirectUri
from portico.identity.oidc.redirects import fault
from portico.identity.pool import Pool
from portico.identity.settings import Client as Declared
from portico.identity.source import Source

Grant = Literal["authorization_code", "refresh_token"]
GRANTS: tuple[Grant, ...] = (
    "authorization_code",
    "refresh_token",
)  # never client_credentials: a stranger would be given tokens
TITLE = 80  # characters


class Metadata(msgspec.Struct, frozen=True):
    """What a client says of itself (RFC 7591 section 2). What is not known here is left out, as section 3.1 allows."""

    redirect_uris: tuple[str, ...] = ()
    client_name: str = ""
    token_endpoint_auth_method: str = "client_secret_basic"  # noqa: S105 - a name
    grant_types: tuple[str, ...] = ("authorization_code",)
    response_types: tuple[str, ...] = ("code",)
    scope: str = ""
    post_logout_redirect_uris: tuple[str, ...] = ()


class RegisterEndpoint:
    """Registers clients that ask for it."""

    def __init__(self, pool: Pool, *, clients: Clients) -> None:
        self._pool = pool
        self._clients = clients

    async def __call__(self, request: Request) -> Response:
        """Answer one request.

        Raises:
            InvalidClientMetadata: what the client says of itself cannot be.
        """
        metadata = _read(await parameters.body(request))
        source = Source.of(request, self._pool.trusted_proxies)
        declared = self._declared(metadata)
        client, secret = await self._clients.create(str(uuid.uuid4()), declared, dynamic=True, source=source)
        said: dict[str, object] = {
            "client_id": client.id,
            "client_id_issued_at": int(client.created_at or 0),
            "client_name": client.title,
            "redirect_uris": client.redirect_uris,
            "post_logout_redirect_uris": client.logout_uris,
            "grant_types": sorted(client.grants),
            "response_types": ["code"],
            "scope": " ".join(client.scopes),
            "token_endpoint_auth_method": "none" if secret is None else metadata.token_endpoint_auth_method,
        }
        if secret is not None:
            said |= {"client_secret": secret.reveal(), "client_secret_expires_at": 0}
        return answers.json(said, status=201)

    def _declared(self, metadata: Metadata) -> Declared:
        for uri in (*metadata.redirect_uris, *metadata.post_logout_redirect_uris):
            if uri.startswith("/") or fault(uri) is not None:
                raise InvalidRedirectUri("A redirect URI must be https, or http on the machine itself, without #.")
        if not set(metadata.grant_types) <= set(GRANTS) or metadata.response_types != ("code",):
            raise InvalidClientMetadata("Only authorization_code and refresh_token are offered, with code.")
        method = metadata.token_endpoint_auth_method
        if method not in ("none", "client_secret_basic", "client_secret_post"):
            raise InvalidClientMetadata("This token_endpoint_auth_method is not offered.")
        names = scopes.parse(metadata.scope) or tuple(scopes.STANDARD)
        return Declared(
            title="".join(char for char in metadata.client_name if char.isprintable())[:TITLE].strip(),
            type="public" if method == "none" else "confidential",
            grants=tuple(grant for grant in GRANTS if grant in metadata.grant_types),
            redirect_uris=metadata.redirect_uris,
            logout_uris=metadata.post_logout_redirect_uris,
            scopes=names,
            consent=True,
        )


def _read(body: bytes) -> Metadata:
    try:
        return msgspec.json.decode(body, type=Metadata)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise InvalidClientMetadata("The body is no JSON object with a client's metadata.") from None
