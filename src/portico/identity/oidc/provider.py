"""The OpenID provider of a pool, put together: which endpoint answers where."""

from __future__ import annotations

from starlette.routing import Route

from portico.access import Roles
from portico.identity.audit import AuditLog
from portico.identity.keys import SigningKeys
from portico.identity.oidc import answers, repository
from portico.identity.oidc.answers import Endpoint
from portico.identity.oidc.authorize import AuthorizeEndpoint
from portico.identity.oidc.clients import Clients
from portico.identity.oidc.consent import ConsentEndpoint
from portico.identity.oidc.cors import shared
from portico.identity.oidc.device_authorization import DeviceAuthorizationEndpoint
from portico.identity.oidc.device_page import DevicePage
from portico.identity.oidc.discovery import Discovery
from portico.identity.oidc.introspect import IntrospectEndpoint
from portico.identity.oidc.logout import LogoutEndpoint
from portico.identity.oidc.reading import OwnTokens
from portico.identity.oidc.registration import RegisterEndpoint
from portico.identity.oidc.revoke import RevokeEndpoint
from portico.identity.oidc.token import TokenEndpoint
from portico.identity.oidc.tokens import Tokens
from portico.identity.oidc.userinfo import UserInfoEndpoint
from portico.identity.pages import Pages
from portico.identity.pool import Pool
from portico.identity.sessions import Sessions
from portico.identity.triggers import Triggers
from portico.identity.users import Users


class Provider:
    """The OpenID provider of one pool."""

    def __init__(
        self,
        pool: Pool,
        *,
        audit: AuditLog,
        triggers: Triggers,
        sessions: Sessions,
        pages: Pages,
        users: Users,
        keys: SigningKeys,
        roles: Roles,
        tokens: Tokens | None = None,
    ) -> None:
        """Put it together.

        Raises:
            ConfigError: `auth/pool.yaml` declares a client that cannot be.
        """
        self.clients = Clients(pool, audit=audit)
        self._pool = pool
        self._pages = pages
        makes = tokens or Tokens(pool, keys=keys, triggers=triggers)
        reads = OwnTokens(pool, keys=keys, clients=self.clients)
        clients = self.clients
        self._discovery = Discovery(pool, keys=keys, roles=roles)
        self._authorize = AuthorizeEndpoint(pool, clients=clients, sessions=sessions, users=users, pages=pages)
        self._consent = ConsentEndpoint(
            pool,
            audit=audit,
            clients=clients,
            sessions=sessions,
            users=users,
            pages=pages,
            authorize=self._authorize,
        )
        self._token = TokenEndpoint(pool, audit=audit, clients=clients, tokens=makes)
        self._device = DeviceAuthorizationEndpoint(pool, audit=audit, clients=clients)
        self._device_page = DevicePage(pool, audit=audit, clients=clients, pages=pages)
        self._userinfo = UserInfoEndpoint(pool, tokens=reads, users=users)
        self._revoke = RevokeEndpoint(pool, audit=audit, clients=clients, tokens=reads)
        self._introspect = IntrospectEndpoint(pool, clients=clients, tokens=reads)
        self._logout = LogoutEndpoint(pool, clients=clients, sessions=sessions, users=users, pages=pages, tokens=reads)
        self._register = RegisterEndpoint(pool, clients=clients)
        users.register_exporter("applications", repository.held_of)

    def routes(self) -> list[Route]:
        """The addresses, relative to the pool's path."""
        found = [
            self._open("/.well-known/openid-configuration", self._discovery.metadata, "GET"),
            self._open("/.well-known/oauth-authorization-server", self._discovery.metadata, "GET"),
            self._open("/.well-known/jwks.json", self._discovery.jwks, "GET"),
            self._open("/oauth2/token", self._token, "POST"),
            self._open("/oauth2/revoke", self._revoke, "POST"),
            self._open("/oauth2/userInfo", self._userinfo, "GET", "POST", scheme=answers.BEARER),
            Route("/oauth2/introspect", self._told(self._introspect, answers.BASIC), methods=["POST"]),
            Route("/oauth2/device_authorization", self._told(self._device, answers.BASIC), methods=["POST"]),
            Route("/oauth2/authorize", self._pages.guard(self._authorize), methods=["GET", "POST"]),
            Route("/consent", self._pages.guard(self._consent.show), methods=["GET"]),
            Route("/consent", self._pages.guard(self._consent.answer), methods=["POST"]),
            Route("/logout", self._pages.guard(self._logout), methods=["GET", "POST"]),
        ]
        for page in self._device_page.routes():
            found.append(Route(page.path, self._pages.guard(page.endpoint), methods=page.methods))
        if self._pool.settings.dynamic_registration:
            found.append(Route("/oauth2/register", self._told(self._register, answers.BASIC), methods=["POST"]))
        return found

    def _open(self, path: str, endpoint: Endpoint, *methods: str, scheme: str = answers.BASIC) -> Route:
        """An endpoint that the pages of clients may call."""
        answered = shared(self._told(endpoint, scheme), self.clients, *methods)
        return Route(path, answered, methods=[*methods, "OPTIONS"])

    def _told(self, endpoint: Endpoint, scheme: str) -> Endpoint:
        return answers.protocol(endpoint, realm=self._pool.issuer, scheme=scheme)
