"""An authorization request, checked: what it asks for, of what client, and where the answer goes.

Pure but for the look at the clients. Until client and redirect URI are known to belong together nobody is redirected
(RFC 6749 section 4.1.2.1); from then on every answer, errors too, goes there and names the issuer (RFC 9207).
"""

from __future__ import annotations

from dataclasses import dataclass

from portico.identity.oidc import pkce, redirects, scopes
from portico.identity.oidc.client import Client
from portico.identity.oidc.clients import Clients
from portico.identity.oidc.errors import (
    InvalidRequest,
    RequestNotSupported,
    UnauthorizedClient,
    UnsupportedResponseType,
)
from portico.identity.oidc.parameters import Parameters

LONGEST_STATE = 2_048  # characters
LONGEST_NONCE = 512  # characters
PROMPTS = frozenset({"none", "login", "consent", "select_account", "create"})


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where an authorization request is answered."""

    client: Client
    redirect_uri: str
    state: str | None

    def address(self, answer: dict[str, str], issuer: str) -> str:
        """The address that carries an answer (RFC 6749 section 4.1.2, RFC 9207 section 2).

        Args:
            answer: a code, or an error.
            issuer: who answers.
        """
        state = {} if self.state is None else {"state": self.state}
        return redirects.with_parameters(self.redirect_uri, {**answer, **state, "iss": issuer})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an authorization request asks for."""

    scopes: tuple[str, ...]
    challenge: str
    nonce: str | None
    prompts: frozenset[str]
    max_age: float | None  # seconds since the person proved who they are


class ClientNotKnown(InvalidRequest):
    """The request names no client, or one that is not registered. It is answered with a page."""


class RedirectNotRegistered(InvalidRequest):
    """The client may not be answered there. It is answered with a page."""


async def recipient(parameters: Parameters, clients: Clients) -> Recipient:
    """Who asks, and where the answer goes.

    Args:
        parameters: of the request.
        clients: of the pool.

    Raises:
        ClientNotKnown: there is no such client.
        RedirectNotRegistered: the address is none of the client's.
    """
    client = await clients.by_id(parameters.get("client_id", ""))
    if client is None:
        raise ClientNotKnown("The application that sent you here is not registered.")
    uri = parameters.get("redirect_uri", "")
    if not client.is_answered_at(uri):
        raise RedirectNotRegistered("The application wants the answer at an address that is not registered for it.")
    return Recipient(client, uri, parameters.get("state"))


def wanted(parameters: Parameters, client: Client) -> Wanted:
    """What is asked for.

    Args:
        parameters: of the request.
        client: who asks.

    Raises:
        OAuthError: it cannot be had.
    """
    if len(parameters.get("state", "")) > LONGEST_STATE or len(parameters.get("nonce", "")) > LONGEST_NONCE:
        raise InvalidRequest("The state or the nonce is too long.")
    for name in ("request", "request_uri", "registration"):
        if name in parameters:
            raise RequestNotSupported(name)
    if parameters.need("response_type") != "code":
        raise UnsupportedResponseType("Only response_type=code is offered.")
    if parameters.get("response_mode", "query") != "query":
        raise InvalidRequest("Only response_mode=query is offered.")
    if "authorization_code" not in client.grants:
        raise UnauthorizedClient("The client may not use this grant.")
    return Wanted(
        scopes=scopes.requested(parameters.get("scope"), client.scopes),
        challenge=pkce.asked(parameters),
        nonce=parameters.get("nonce"),
        prompts=_prompts(parameters),
        max_age=_max_age(parameters),
    )


def _prompts(parameters: Parameters) -> frozenset[str]:
    """OpenID Connect Core section 3.1.2.1, and Initiating User Registration 1.0."""
    found = frozenset(parameters.get("prompt", "").split())
    if not found <= PROMPTS or ("none" in found and len(found) > 1):
        raise InvalidRequest("The prompt is none that is offered here, or none is not alone.")
    return found


def _max_age(parameters: Parameters) -> float | None:
    text = parameters.get("max_age")
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise InvalidRequest("The max_age is no number of seconds.")
    return float(text)
