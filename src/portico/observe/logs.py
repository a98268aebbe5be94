"""All logs but the access log: JSON lines on standard error, plain lines when that is a terminal.

Everything goes through the standard library's `logging`, so what uvicorn, asyncio and the project's own handlers log
arrives here too:

    logging.getLogger("portico.gateway").error("handler raised", exc_info=error, extra={"request_id": request_id})

structlog renders. It is imported when the first line is logged, because a server that starts well logs none.
"""

from __future__ import annotations

import functools
import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, TextIO

from portico.observe.scrub import scrub

if TYPE_CHECKING:
    from structlog.stdlib import ProcessorFormatter
    from structlog.typing import Processor

FLOORS: Mapping[str, int] = {
    # What these say below their floor is for their own developers, or holds parts of requests.
    "uvicorn": logging.ERROR,  # it warns about each malformed request: a stranger could fill the disk
    "asyncio": logging.WARNING,
    "watchfiles": logging.WARNING,
    "alembic": logging.WARNING,
    "joserfc": logging.WARNING,
    "sqlalchemy": logging.WARNING,  # prints rows
    "webauthn": logging.WARNING,
    "connexion": logging.WARNING,
    "connexion.validators": logging.CRITICAL,  # quotes the values that it refuses; the answer's problem names them
    "connexion.security": logging.WARNING,  # prints scopes
    "httpx": logging.WARNING,  # prints URLs with their query
    "httpx2": logging.WARNING,
    "httpcore": logging.WARNING,  # prints headers
    "httpcore2": logging.WARNING,
    "hpack": logging.WARNING,
    "urllib3": logging.WARNING,
    "authlib": logging.WARNING,  # prints issued tokens
    "multipart": logging.WARNING,  # prints the parts of forms
    "python_multipart": logging.WARNING,
}
"""The lowest level at which other people's loggers are heard, whatever level the project chose."""


def configure(level: str = "info", stream: TextIO | None = None) -> None:
    """Send all logs of this process to one place.

    Args:
        level: "debug", "info", "warning" or "error".
        stream: where to; standard error by default.
    """
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Formatter(people=stream.isatty()))
    chosen = logging.getLevelNamesMapping()[level.upper()]
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(chosen)
    for name, floor in FLOORS.items():
        logger = logging.getLogger(name)
        logger.setLevel(max(floor, chosen))
        logger.handlers.clear()
        logger.propagate = True
    logging.captureWarnings(True)


_CONTROLS = re.compile(r"[^\n\t\x20-\x7e\xa0-\u200d\u2030-\ud7ff\ue000-\U0010ffff]")


class _Formatter(logging.Formatter):
    def __init__(self, *, people: bool) -> None:
        super().__init__()
        self._people = people

    def format(self, record: logging.LogRecord) -> str:
        return self._structlog.format(record)

    @functools.cached_property
    def _structlog(self) -> ProcessorFormatter:
        import structlog

        return structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), structlog.stdlib.add_log_level, _add_logger],
            processors=[
                structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                # Without the frames' local variables: those hold passwords.
                structlog.processors.format_exc_info,
                _scrub,
                *([_tame] if self._people else []),
                *_renderers(people=self._people),
            ],
        )


def _renderers(*, people: bool) -> list[Processor]:
    import structlog

    if people:
        plain = structlog.dev.plain_traceback
        return [structlog.dev.ConsoleRenderer(timestamp_key="time", exception_formatter=plain)]
    return [structlog.processors.JSONRenderer(ensure_ascii=True)]


def _scrub(logger: object, method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    scrubbed: dict[str, Any] = scrub(event)
    return scrubbed


def _tame(logger: object, method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Show control characters instead of obeying them: a message may quote a stranger."""
    return {name: _CONTROLS.sub(_visible, part) if isinstance(part, str) else part for name, part in event.items()}


def _visible(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")


def _add_logger(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    record = event.get("_record")
    if isinstance(record, logging.LogRecord):
        event["logger"] = record.name
    return event
