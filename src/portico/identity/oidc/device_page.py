"""The page on which a person lets a device in (RFC 8628 section 3.3).

Every look at a code counts as a guess if it is none: for the person, and for the address (section 5.1). A right code
takes no guess back, since whoever guesses can ask for a code of their own at any time.
"""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.identity.audit import AuditLog, Event
from portico.identity.audit.log import Detail
from portico.identity.oidc import device_code, device_repository, scopes
from portico.identity.oidc.client import Client
from portico.identity.oidc.clients import Clients
from portico.identity.oidc.device_authorization import PATH
from portico.identity.oidc.device_code import PURPOSE, Approval, DeviceCode
from portico.identity.oidc.device_grant import GRANT
from portico.identity.pages import Pages
from portico.identity.pages.forms import text
from portico.identity.pool import Pool
from portico.identity.sessions import Session
from portico.identity.source import Source, network
from portico.identity.users import attempts, lockout
from portico.identity.users.errors import TooManyAttempts, UserError, WrongCode
from portico.identity.users.model import User

UNKNOWN = "There is no such code, or it has expired. Compare it with your device, or begin there again."
FIELD = "user_code"


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in."""

    user: User
    session: Session
    source: Source


@dataclass(frozen=True, slots=True)
class Waiting:
    """A device that waits, and what it runs."""

    code: DeviceCode
    client: Client


class DevicePage:
    """`/device`."""

    def __init__(self, pool: Pool, *, audit: AuditLog, clients: Clients, pages: Pages) -> None:
        self._pool = pool
        self._audit = audit
        self._clients = clients
        self._desk = pages.desk

    def routes(self) -> list[Route]:
        """The addresses."""
        return [
            Route(PATH, self.show, methods=["GET"]),
            Route(PATH, self.submit, methods=["POST"]),
            Route(f"{PATH}/done", self.done, methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """Ask for the code, or whether the device with this code may come in."""
        typed = request.query_params.get(FIELD, "")
        person = await self._person(request)
        if person is None:
            return self._sign_in_first(typed)
        if not typed:
            return self._desk.show(request, "device.html", user=person.user)
        found = await self._pool.db.tx(self._look, person, typed)
        if isinstance(found, UserError):
            return self._refuse(request, found, typed)
        known, user_code = scopes.known(self._pool.settings), device_code.meant(typed) or ""
        return self._desk.show(
            request,
            "device_confirm.html",
            user=person.user,
            client=found.client.title,
            scopes=[(scope, known.get(scope, scope)) for scope in found.code.scopes],
            user_code=device_code.shown(user_code),
            address=found.code.address,
            minutes=int((self._pool.clock() - found.code.created_at) // 60),
            somebody_else=self._sign_in_address(user_code),
        )

    async def submit(self, request: Request) -> Response:
        """Take the code, or the decision.

        Raises:
            PageError: the form was not sent from our page.
        """
        form = await self._desk.forms.read(request)
        typed, decision = text(form, FIELD, 64), text(form, "decision")
        person = await self._person(request)
        if person is None:
            return self._sign_in_first(typed)
        if decision not in ("allow", "deny"):
            return self._desk.redirect(self._address(device_code.meant(typed) or typed))
        refused = await self._pool.db.tx(self._settle, person, typed, decision == "allow")
        if refused is not None:
            return self._refuse(request, refused, typed)
        return self._desk.go(request, f"{PATH}/done", note="allowed" if decision == "allow" else "denied")

    async def done(self, request: Request) -> Response:
        """Say that the person may go back to the device."""
        return self._desk.show(request, "device_done.html", allowed=request.query_params.get("note") == "allowed")

    async def _person(self, request: Request) -> Person | None:
        session = await self._desk.sessions.current(request)
        user = None if session is None else await self._desk.users.by_id(session.user_id)
        if session is None or user is None or not user.enabled:
            return None
        return Person(user, session, self._desk.source(request))

    def _sign_in_first(self, typed: str) -> Response:
        """To the sign-in page, which leads back; only what can be a code is carried along."""
        return self._desk.redirect(self._sign_in_address(device_code.meant(typed) or ""))

    def _sign_in_address(self, user_code: str) -> str:
        return self._desk.renderer.link("/login", return_to=self._desk.returning.seal(self._address(user_code)))

    def _address(self, typed: str) -> str:
        """The page with a code filled in."""
        code = device_code.shown(typed) if device_code.meant(typed) == typed else typed
        return f"{self._pool.path}{PATH}" + (f"?{urllib.parse.urlencode({FIELD: code})}" if code else "")

    def _refuse(self, request: Request, error: UserError, typed: str) -> Response:
        return self._desk.refuse(request, "device.html", error, given={FIELD: typed[:64]})

    def _settle(self, connection: sa.Connection, person: Person, typed: str, allowed: bool) -> UserError | None:
        """Write the decision down; gives why it cannot be."""
        found, now = self._look(connection, person, typed), self._pool.clock()
        if isinstance(found, UserError):
            return found
        if allowed:
            session = person.session
            approval = Approval(person.user.id, session.origin_jti, found.code.scopes, session.auth_time, session.amr)
            done = device_repository.approve(connection, found.code.digest, approval, now)
        else:
            done = device_repository.deny(connection, found.code.digest, now)
        if not done:  # somebody else was faster
            return WrongCode(UNKNOWN)
        self._audit.record(
            connection,
            Event.DEVICE_APPROVED if allowed else Event.DEVICE_DENIED,
            user=person.user.id,
            client=found.client.id,
            source=person.source,
            outcome="success" if allowed else "failure",
            details={"scopes": found.code.scopes, "asked_from": found.code.address},
        )
        return None

    def _look(self, connection: sa.Connection, person: Person, typed: str) -> Waiting | UserError:
        """The device with a code; what is no code at all is no guess. Errors are given back, so that guesses count."""
        user_code, now = device_code.meant(typed), self._pool.clock()
        if user_code is None:
            return WrongCode("A code has eight letters, and no vowels.")
        rules = self._rules(person)
        wait = attempts.wait(connection, rules, now)
        if wait:
            return TooManyAttempts(wait)
        found = self._waiting(connection, user_code, now)
        if found is None:
            self._count(connection, person, attempts.fail(connection, rules, now))
            return WrongCode(UNKNOWN)
        return found

    def _waiting(self, connection: sa.Connection, user_code: str, now: float) -> Waiting | None:
        digests = [device_code.digest_of(user_code, key) for key in self._pool.secrets.keys(PURPOSE)]
        code = device_repository.waiting(connection, digests, now)
        client = None if code is None else self._clients.find(connection, code.client_id)
        if code is None or client is None or GRANT not in client.grants:
            return None
        return Waiting(code, client)

    def _rules(self, person: Person) -> dict[str, lockout.Rule]:
        """Whose guesses count together."""
        secrets, address = self._pool.secrets, network(person.source.address)
        return {
            attempts.digest_of(secrets, "device user", person.user.id): lockout.PAIR,
            attempts.digest_of(secrets, "device address", address): lockout.ADDRESS,
        }

    def _count(self, connection: sa.Connection, person: Person, pause: float) -> None:
        """Write a wrong guess down."""
        user, source = person.user.id, person.source
        details: dict[str, Detail] = {"purpose": "device"}
        self._audit.record(connection, Event.CODE_REFUSED, user=user, source=source, outcome="failure", details=details)
        if pause > 0:
            details["seconds"] = round(pause, 3)
            self._audit.record(connection, Event.LOCKED, user=user, source=source, outcome="failure", details=details)
