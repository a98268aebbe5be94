"""Signing out, by itself or for an application (OpenID Connect RP-Initiated Logout 1.0).

An application proves with an ID token that it asks for the person who is signed in; else the person is asked. The way
back is taken only to an address that is registered for the application, character for character.
"""

from __future__ import annotations

import logging
import urllib.parse
from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portico.identity.oidc import parameters, redirects, repository
from portico.identity.oidc.authorize import HEADERS
from portico.identity.oidc.clients import Clients
from portico.identity.oidc.errors import OAuthError
from portico.identity.oidc.parameters import Parameters
from portico.identity.oidc.reading import Claims, OwnTokens
from portico.identity.pages import Pages, source_of
from portico.identity.pool import Pool
from portico.identity.sessions import Session, Sessions
from portico.identity.users import Users

log = logging.getLogger("portico.identity.oidc")

KEPT = ("client_id", "post_logout_redirect_uri", "state")  # what the page with the question carries on
CSRF = b"csrf="  # in a form of ours
PATH = "/logout"


@dataclass(frozen=True, slots=True)
class Farewell:
    """A request to sign out, checked."""

    kept: dict[str, str]
    hint: Claims | None  # of an ID token that was issued here
    address: str | None  # where the application wants the browser to go on; None: nowhere that it may


class LogoutEndpoint:
    """Ends the browser's session, and everything that applications were given in it."""

    def __init__(
        self, pool: Pool, *, clients: Clients, sessions: Sessions, users: Users, pages: Pages, tokens: OwnTokens
    ) -> None:
        self._pool = pool
        self._clients = clients
        self._sessions = sessions
        self._users = users
        self._pages = pages
        self._tokens = tokens

    async def __call__(self, request: Request) -> Response:
        """Answer one request.

        Raises:
            PageError: the form was not sent from our page.
        """
        confirmed = request.method == "POST" and CSRF in await request.body()
        try:
            if request.method == "POST" and not confirmed:
                return await self._as_get(request)
            asked = Parameters(_texts(await self._pages.form(request))) if confirmed else parameters.of_query(request)
        except OAuthError as error:
            return self._pages.render(
                request, "error.html", status=error.status, title="This link does not work", message=error.description
            )
        farewell = await self._farewell(asked)
        session = await self._sessions.current(request)
        if session is None or confirmed or self._is_for(farewell, session):
            return await self._end(request, farewell)
        return await self._ask(request, farewell, session)

    async def _as_get(self, request: Request) -> Response:
        """A POST of another site is as good as a GET (section 2), but lacks the session's SameSite cookie."""
        asked = await parameters.of_form(request)
        return RedirectResponse(f"{self._pool.issuer}{PATH}?{urllib.parse.urlencode(asked)}", 303, HEADERS)

    async def _farewell(self, asked: Parameters) -> Farewell:
        """Who asks, and where the browser goes on."""
        hint = await self._tokens.hint(asked["id_token_hint"]) if "id_token_hint" in asked else None
        if hint is not None and asked.get("client_id", hint["aud"]) != hint["aud"]:
            log.info("a sign-out names a client that its ID token was not issued to")
            return Farewell({}, None, None)
        client_id = str(hint["aud"]) if hint is not None else asked.get("client_id", "")
        client = await self._clients.by_id(client_id)
        uri, address = asked.get("post_logout_redirect_uri"), None
        if client is not None and uri is not None and redirects.is_registered(uri, client.logout_uris):
            state = {"state": asked["state"]} if "state" in asked else None
            address = uri if state is None else redirects.with_parameters(uri, state)
        kept = {name: asked[name] for name in KEPT if name in asked}
        return Farewell(kept | ({"client_id": client_id} if client is not None else {}), hint, address)

    def _is_for(self, farewell: Farewell, session: Session) -> bool:
        return farewell.hint is not None and farewell.hint["sub"] == session.user_id

    async def _ask(self, request: Request, farewell: Farewell, session: Session) -> Response:
        user = await self._users.by_id(session.user_id)
        source = None if farewell.address is None else source_of(farewell.address)
        sources = () if source is None else (source,)
        return self._pages.render(request, "logout.html", form_action=sources, user=user, fields=farewell.kept)

    async def _end(self, request: Request, farewell: Farewell) -> Response:
        """Sign out: the session, its families, their tokens."""
        response = RedirectResponse(farewell.address or f"{self._pool.issuer}/signed-out", 303, HEADERS)
        session = await self._sessions.end(request, response)
        if session is not None:
            await self._pool.db.tx(repository.revoke_session, session.origin_jti, self._pool.clock())
            self._pages.renew(response)
        return response


def _texts(form: FormData) -> dict[str, str]:
    return {name: value for name, value in form.items() if isinstance(value, str)}
