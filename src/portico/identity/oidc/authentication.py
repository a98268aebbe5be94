"""Who a client is, at the endpoints that it calls itself (RFC 6749 section 2.3).

Each client has one way: a public one sends its id, a confidential one its secret in a Basic header or in the form. More
than one at once is refused, and so is a public client that sends a secret: it was meant for somebody else.
"""

from __future__ import annotations

import base64
import binascii
import urllib.parse
from dataclasses import dataclass, field

import sqlalchemy as sa
from starlette.requests import Request

from portico.identity.oidc.client import Client
from portico.identity.oidc.clients import Clients
from portico.identity.oidc.errors import InvalidClient, InvalidRequest
from portico.identity.oidc.parameters import Parameters
from portico.identity.pool import Pool

METHODS = ("client_secret_basic", "client_secret_post", "none")


@dataclass(frozen=True, slots=True)
class Presented:
    """What a client sent to prove who it is."""

    client_id: str
    secret: str | None = field(default=None, repr=False)


def presented(request: Request, parameters: Parameters) -> Presented:
    """What a request says about its client.

    Args:
        request: whose header may say it.
        parameters: of its form, which may say it too.

    Raises:
        InvalidRequest: it says so in two ways.
        InvalidClient: it does not say so, or says so in a way that nobody offers.
    """
    header = request.headers.get("authorization")
    if header is None:
        if "client_id" not in parameters:
            raise InvalidClient
        return Presented(parameters["client_id"], parameters.get("client_secret"))
    found = _basic(header)
    if "client_secret" in parameters or parameters.get("client_id", found.client_id) != found.client_id:
        raise InvalidRequest("The client says in two ways who it is.")
    return found


async def proved(pool: Pool, clients: Clients, request: Request, parameters: Parameters) -> Client:
    """The client that a request comes from.

    Args:
        pool: whose endpoint was called.
        clients: of the pool.
        request: the request.
        parameters: of its form.

    Raises:
        InvalidRequest: it says in two ways who it is.
        InvalidClient: it is unknown, or does not prove who it is.
    """
    said = presented(request, parameters)
    declared = clients.declared.get(said.client_id)
    if declared is not None and not declared.confidential and said.secret is None:
        return declared  # nothing about it is in the database
    return await pool.db.read(authenticate, clients, said)


def authenticate(connection: sa.Connection, clients: Clients, presented: Presented) -> Client:
    """The client that a request comes from, inside a transaction.

    Args:
        connection: of the transaction.
        clients: of the pool.
        presented: what the request says.

    Raises:
        InvalidClient: it is unknown, or does not prove who it is.
    """
    client = clients.find(connection, presented.client_id)
    if client is None or client.confidential != (presented.secret is not None):
        raise InvalidClient
    if presented.secret is not None and not clients.has_secret(connection, client, presented.secret):
        raise InvalidClient
    return client


def _basic(header: str) -> Presented:
    """Id and secret of a Basic header; both are form-encoded in it (RFC 6749 section 2.3.1)."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        raise InvalidClient
    try:
        text = base64.b64decode(value.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        raise InvalidClient from None
    id, colon, secret = text.partition(":")
    if not colon or not id or not secret:
        raise InvalidClient
    found = Presented(urllib.parse.unquote_plus(id), urllib.parse.unquote_plus(secret))
    if not found.client_id.isprintable():
        raise InvalidClient
    return found
