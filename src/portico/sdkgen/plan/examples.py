"""A call of each operation that works: what the document shows, else values that fit its schemas."""

from __future__ import annotations

from collections.abc import Mapping

from portico.design.examples import sketch
from portico.design.model import Direction, Json, Media, Operation, Parameter, Schema
from portico.design.model import Example as Shown
from portico.sdkgen.plan.bodies import kind_of
from portico.sdkgen.plan.model import Example


def example(operation: Operation) -> Example:
    """A call with what is required, and the answer to it.

    Args:
        operation: of the design.
    """
    needed = [one for one in operation.parameters if one.required or one.location == "path"]
    body = _first(operation.body.content) if operation.body is not None else None
    good = [operation.responses[status] for status in sorted(operation.responses) if status.startswith("2")]
    answer = _first(good[0].content) if good else None
    return Example(
        parameters={f"{one.location}:{one.name}": _parameter(one) for one in needed},
        body=_media(body, Direction.REQUEST) if body is not None else None,
        has_body=body is not None,
        answer=_media(answer, Direction.RESPONSE) if answer is not None else None,
        has_answer=answer is not None and kind_of(answer.media_type, answer.schema) == "json",
    )


def _first(content: Mapping[str, Media]) -> Media | None:
    """The media type that an SDK sends and expects: JSON, or the first."""
    found = list(content.values())
    return next((one for one in found if kind_of(one.media_type, one.schema) == "json"), found[0] if found else None)


def _parameter(one: Parameter) -> Json:
    return _shown(one.examples, one.schema, Direction.REQUEST)


def _media(media: Media, direction: Direction) -> Json:
    if media.schema is None:
        return media.examples[0].value if media.examples else None
    return _shown(media.examples, media.schema, direction)


def _shown(examples: tuple[Shown, ...], schema: Schema, direction: Direction) -> Json:
    return examples[0].value if examples else sketch(schema, direction)
