"""Where pages with cookies and forms are: a user pool, or what stands in its place where there is none."""

from __future__ import annotations

from typing import Protocol

from portico.store import Secrets


class Place(Protocol):
    """What cookies and forms belong to."""

    @property
    def name(self) -> str:
        """Tells its cookies from those of others."""

    @property
    def origin(self) -> str:
        """Where browsers find it: "https://shop.example"."""

    @property
    def is_https(self) -> bool:
        """Whether browsers come over TLS."""

    @property
    def secrets(self) -> Secrets:
        """Of the project."""
