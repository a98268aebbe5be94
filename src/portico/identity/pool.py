"""A user pool at work: what every feature of it is built on."""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass
from pathlib import Path

from portico.config import Config
from portico.errors import ConfigError
from portico.identity.settings import PoolSettings
from portico.identity.source import Networks
from portico.store import Clock, Database, Secrets

LONGEST = 86_400.0  # seconds: no access token and no temporary credentials are valid for longer


@dataclass(frozen=True, slots=True)
class Pool:
    """One user pool of one project."""

    settings: PoolSettings
    origin: str  # "https://shop.example": where browsers find the project, without a slash at the end
    db: Database
    secrets: Secrets
    clock: Clock
    root: Path  # the project's folder
    development: bool = False  # mails are shown, faults are told
    trusted_proxies: Networks = ()

    @property
    def name(self) -> str:
        """The pool's name."""
        return self.settings.name

    @property
    def path(self) -> str:
        """Where its addresses begin: "/auth/main"."""
        return f"/auth/{self.settings.name}"

    @property
    def issuer(self) -> str:
        """The `iss` of its tokens, and what its discovery document is below (OpenID Connect Discovery section 4)."""
        return f"{self.origin}{self.path}"

    @property
    def is_https(self) -> bool:
        """Whether browsers come over TLS."""
        return self.origin.startswith("https://")


def origin_of(config: Config, *, port: int | None = None) -> str:
    """The origin under which browsers find the project. It comes from the configuration, never from a request.

    Args:
        config: the project's configuration.
        port: the one that is served on, where it is not the configured one.

    Raises:
        ConfigError: production without an origin, or with one that is not https.
    """
    server = config.server
    if not server.origin:
        if server.mode == "production":
            raise ConfigError(
                "[server] origin is not set. Sign-in needs the address that browsers see: "
                'origin = "https://shop.example". (mode = "development" uses http://localhost.)'
            )
        return f"http://localhost:{port or server.port}"
    parts = urllib.parse.urlsplit(server.origin)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/") or parts.query:
        raise ConfigError(f"[server] origin: {server.origin} is no origin. Write https://shop.example, without a path.")
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.scheme == "http" and server.mode == "production" and not local:
        raise ConfigError("[server] origin must be https in production: passwords and tokens pass over it.")
    return f"{parts.scheme}://{parts.netloc}"
