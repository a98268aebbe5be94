"""The page put together, as an ASGI application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Mount, Router
from starlette.types import ASGIApp

from portico.access.account.door import Door
from portico.access.account.figures import Reader
from portico.access.account.guesses import Guesses
from portico.access.account.pages import PATH, Pages
from portico.access.account.passes import Passes
from portico.access.account.renderer import Renderer
from portico.access.account.site import Site
from portico.access.keys.ring import KeyRing
from portico.access.keys.service import ApiKeys
from portico.access.limiter import Limiter
from portico.identity.application import Application
from portico.identity.audit import AuditLog
from portico.identity.pages.forms import Forms
from portico.identity.pages.theme import ThemeFile
from portico.identity.place import Place
from portico.identity.source import Networks
from portico.store import State

if TYPE_CHECKING:
    from portico.identity.service import Identity

TITLE = "API keys"  # of the pages, where no pool has one

__all__ = ["PATH", "Account"]


class Account:
    """The page at /account."""

    def __init__(
        self,
        state: State,
        *,
        origin: str,
        ring: KeyRing,
        limiter: Limiter,
        identity: Identity | None,
        trusted: Networks = (),
    ) -> None:
        """Put it together.

        Args:
            state: of the project.
            origin: where browsers find the project.
            ring: of its keys.
            limiter: of its plans.
            identity: of its user pool, where it has one.
            trusted: networks of proxies whose X-Forwarded-For is believed.
        """
        pool = None if identity is None else identity.pool
        desk = None if identity is None else identity.pages.desk
        place: Place = Site(origin, state.secrets) if pool is None else pool
        forms, passes = Forms(place), Passes(state, ring, place)
        keys = ApiKeys(state, AuditLog(state))
        renderer = Renderer(
            path=PATH,
            site=TITLE if pool is None else pool.settings.title or pool.name,
            home=place.origin,
            pool_path="" if pool is None else pool.path,
            forms=forms,
            theme=ThemeFile(state.root),
        )
        pages = Pages(
            door=Door(keys, passes, desk=desk, trusted=trusted),
            passes=passes,
            guesses=Guesses(limiter.store),
            keys=keys,
            plans=limiter.plans,
            reader=Reader(state, limiter),
            forms=forms,
            renderer=renderer,
            desk=desk,
            clock=state.clock,
        )
        routes = [*pages.routes(), *renderer.assets().routes(PATH)]
        exactly = Router(routes, redirect_slashes=False)  # a redirect of Starlette's believes the Host header
        self.app: ASGIApp = Application("", [Mount("", app=exactly)])
