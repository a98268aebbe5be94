"""Where the page is, in a project without a user pool. With one, it shares the pool's cookies for forms."""

from __future__ import annotations

from dataclasses import dataclass

from portico.store import Secrets


@dataclass(frozen=True, slots=True)
class Site:
    """What cookies and forms of the page belong to; see `portico.identity.place`."""

    origin: str  # "https://shop.example"
    secrets: Secrets
    name: str = "account"

    @property
    def is_https(self) -> bool:
        """Whether browsers come over TLS."""
        return self.origin.startswith("https://")
