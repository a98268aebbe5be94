"""How people sign in on the documentation's pages: the pool's application that leads back to them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Self

from portico.identity.settings import PoolSettings

REDIRECT = "/docs/oauth2-redirect.html"
_STANDARD = {"openid": "Know who you are", "profile": "See your name", "email": "See your e-mail address"}


@dataclass(frozen=True, slots=True)
class DocsClient:
    """What Swagger UI needs to sign in with a user pool."""

    id: str  # the client_id
    origin: str  # the one that the application is registered under: signing in works there only
    scopes: dict[str, str]  # that it may ask for, and what each says to people

    @classmethod
    def of(cls, pool: PoolSettings, origin: str) -> Self | None:
        """The application that leads back to the documentation, if the pool declares one.

        Args:
            pool: what the project declares.
            origin: where browsers find the project: "https://shop.example".
        """
        leads_here = {REDIRECT, f"{origin}{REDIRECT}"}
        for name, client in pool.clients.items():
            if client.type == "public" and leads_here & set(client.redirect_uris):
                texts = _STANDARD | pool.scopes
                return cls(name, origin, {scope: texts.get(scope, "") for scope in client.scopes})
        return None

    @property
    def scopes_json(self) -> str:
        """The scopes as the page's script reads them."""
        return json.dumps(self.scopes)
