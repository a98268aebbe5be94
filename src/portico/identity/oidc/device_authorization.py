"""The device authorization endpoint (RFC 8628 section 3.1): a device without a browser asks to be signed in."""

from __future__ import annotations

import math
import urllib.parse

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response

from portico.identity.audit import AuditLog, Event
from portico.identity.oidc import answers, device_code, device_repository, parameters, scopes
from portico.identity.oidc.authentication import proved
from portico.identity.oidc.client import Client
from portico.identity.oidc.clients import Clients, digest_of
from portico.identity.oidc.device_code import INTERVAL, LIFETIME, PURPOSE, DeviceCode, Waiter
from portico.identity.oidc.device_grant import GRANT
from portico.identity.oidc.errors import TooManyDevices, UnauthorizedClient
from portico.identity.pool import Pool
from portico.identity.source import Source, network
from portico.identity.users import attempts

PATH = "/device"  # of the page
OF_ADDRESS = 100  # codes that one address may ask for while one lives
OF_CLIENT = 1_000  # devices that wait at a time; who comes then takes the place of one of whoever has most
IN_ALL = 10_000


class DeviceAuthorizationEndpoint:
    """Gives devices their codes."""

    def __init__(self, pool: Pool, *, audit: AuditLog, clients: Clients) -> None:
        self._pool = pool
        self._audit = audit
        self._clients = clients

    async def __call__(self, request: Request) -> Response:
        """Answer one request.

        Raises:
            OAuthError: the client is not who it says, or may not have a code.
        """
        form = await parameters.of_form(request)
        client = await proved(self._pool, self._clients, request, form)
        if GRANT not in client.grants:
            raise UnauthorizedClient("The client may not use this grant.")
        names = scopes.requested(form.get("scope"), client.scopes)
        source, code = Source.of(request, self._pool.trusted_proxies), device_code.new()
        user_code = device_code.shown(await self._pool.db.tx(self._keep, code, client, names, source))
        page = f"{self._pool.issuer}{PATH}"
        return answers.json({
            "device_code": code,
            "user_code": user_code,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?{urllib.parse.urlencode({'user_code': user_code})}",
            "expires_in": int(LIFETIME),
            "interval": int(INTERVAL),
        })  # fmt: skip

    def _keep(
        self, connection: sa.Connection, code: str, client: Client, names: tuple[str, ...], source: Source
    ) -> str:
        """Keep a code; gives the user code that goes with it."""
        now = self._pool.clock()
        self._check_room(connection, client, source, now)
        kept = DeviceCode(digest_of(code), client.id, names, source.address[:64], now, now + LIFETIME)
        user_code, digest = self._user_code(connection)
        device_repository.add(connection, kept, digest)
        details = {"scopes": names}
        self._audit.record(connection, Event.DEVICE_ASKED, client=client.id, source=source, details=details)
        return user_code

    def _check_room(self, connection: sa.Connection, client: Client, source: Source, now: float) -> None:
        """Bound the codes that can be guessed, and the rows (RFC 8628 section 5.1).

        Raises:
            TooManyDevices: one address has asked too often, or too many wait, each at an address of its own.
        """
        key = attempts.digest_of(self._pool.secrets, "device codes", network(source.address))
        wait = attempts.spend(connection, key, limit=OF_ADDRESS, window=LIFETIME, now=now)
        if wait:
            raise TooManyDevices(math.ceil(wait))
        mine, everybodys = device_repository.waiting_count(connection, client.id, now)
        if mine >= OF_CLIENT:
            _make_room(connection, device_repository.waiters(connection, now, client.id))
        elif everybodys >= IN_ALL:
            _make_room(connection, device_repository.waiters(connection, now))

    def _user_code(self, connection: sa.Connection) -> tuple[str, str]:
        """A user code that no device has, and what is kept of it."""
        key = self._pool.secrets.key(PURPOSE)
        while True:
            user_code = device_code.new_user_code()
            digest = device_code.digest_of(user_code, key)
            if not device_repository.is_taken(connection, digest):
                return user_code, digest


def _make_room(connection: sa.Connection, waiting: list[Waiter]) -> None:
    """Forget one of the codes.

    Raises:
        TooManyDevices: none gives way.
    """
    gone = device_code.displaced(waiting)
    if gone is None:
        raise TooManyDevices(60)
    device_repository.remove(connection, gone)
