"""Jinja as all languages use it: nothing undefined, and no way for a text of the document to be written as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jinja2

from portico.sdkgen.untrusted import NotEncoded, Untrusted, finalize


class _Environment(jinja2.Environment):
    """Refuses to look into a text of the document: its attributes would let it through."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Untrusted):
            raise NotEncoded
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Untrusted):
            raise NotEncoded
        return super().getitem(obj, argument)


def environment(folder: Path, encoders: Mapping[str, Callable[..., str]]) -> jinja2.Environment:
    """The templates of one language.

    Args:
        folder: that holds them.
        encoders: filters by name; each makes a text of the document safe in one context.
    """
    found = _Environment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        cache_size=100,
    )
    found.filters.update(encoders)
    return found
