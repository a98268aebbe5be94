"""Which pages of other origins may call, told on every answer, errors included (Fetch standard, CORS protocol)."""

from __future__ import annotations

from collections.abc import Iterable

from portico.config import Cors as Settings

HeaderList = list[tuple[bytes, bytes]]


class Cors:
    """The headers of the CORS protocol, worked out at start."""

    def __init__(self, settings: Settings) -> None:
        """Compile.

        Raises:
            ValueError: any origin is allowed together with credentials, which would let every page act for its visitor.
        """
        self._origins = frozenset(origin.rstrip("/").encode("latin-1") for origin in settings.allow_origins)
        self._any = b"*" in self._origins
        if self._any and settings.allow_credentials:
            raise ValueError("[cors] any origin with credentials lets every page act for its visitor: name origins.")
        self.enabled = bool(self._origins)
        self._vary: HeaderList = [(b"vary", b"Origin")] if self.enabled and not self._any else []
        credentials = [(b"access-control-allow-credentials", b"true")] if settings.allow_credentials else []
        exposed = ", ".join(settings.expose_headers).encode("latin-1")
        self._answer: HeaderList = credentials + ([(b"access-control-expose-headers", exposed)] if exposed else [])
        self._preflight: HeaderList = [
            *credentials,
            (b"access-control-allow-headers", ", ".join(settings.allow_headers).encode("latin-1")),
            (b"access-control-max-age", str(settings.max_age).encode()),
        ]

    def answer(self, origin: bytes | None) -> HeaderList:
        """What an answer to a request of that origin carries."""
        allowed = self._allowed(origin)
        return [*self._vary, *allowed, *self._answer] if allowed else self._vary

    def preflight(self, origin: bytes, methods: Iterable[str]) -> HeaderList:
        """What the answer to a preflight request carries; nothing where the origin may not call."""
        allowed = self._allowed(origin)
        if not allowed:
            return self._vary
        return [
            *self._vary,
            *allowed,
            *self._preflight,
            (b"access-control-allow-methods", ", ".join(methods).encode("latin-1")),
        ]

    def _allowed(self, origin: bytes | None) -> HeaderList:
        if origin is None or not (self._any or origin in self._origins):
            return []
        return [(b"access-control-allow-origin", b"*" if self._any else origin)]
