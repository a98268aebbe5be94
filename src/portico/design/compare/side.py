"""One of the two designs: its schemas' views, their names, and where they are written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portico.design.compare.views import Node, Views
from portico.design.keywords import subschemas
from portico.design.model import Api, Location, Media, Parameter, Schema, target


class Side:
    """The old or the new design.

    Args:
        api: the design.
    """

    def __init__(self, api: Api) -> None:
        self.api = api
        self.views = Views(api.definitions)
        self._places: dict[int, tuple[Location, str]] | None = None

    @property
    def nodes(self) -> dict[str, Node]:
        """The named schemas."""
        return self.views.nodes

    def named(self, node: Node, at: Location | None) -> tuple[Node, Location | None]:
        """What a plain reference refers to, and where that is; anything else as it is."""
        name = target(node) if isinstance(node, dict) and node.keys() == {"$ref"} else None
        if name is None:
            return node, at
        found = self.api.definitions[name]
        return found.node, found.location or at

    def at(self, node: Any) -> Location | None:
        """Where a schema is written; None for one that was put together from several."""
        if self._places is None:
            self._places = self._index()
        found = self._places.get(id(node))
        return Location(found[0].file, found[0].pointer + found[1]) if found is not None else None

    def _index(self) -> dict[int, tuple[Location, str]]:
        places: dict[int, tuple[Location, str]] = {}
        for schema in self._schemas():
            if schema.location is None:
                continue
            waiting = [(schema.node, "")]
            while waiting:
                node, pointer = waiting.pop()
                if isinstance(node, dict) and id(node) not in places:
                    places[id(node)] = (schema.location, pointer)
                    waiting.extend((sub, pointer + way) for way, sub in subschemas(node))
        return places

    def _schemas(self) -> Iterator[Schema]:
        yield from self.api.definitions.values()
        for operation in self.api.operations:
            yield from _values(operation.parameters)
            yield from _contents(operation.body.content.values() if operation.body is not None else ())
            for response in operation.responses.values():
                yield from _values(response.headers.values())
                yield from _contents(response.content.values())


def _values(parameters: Any) -> Iterator[Schema]:
    parameter: Parameter
    for parameter in parameters:
        yield parameter.schema


def _contents(content: Any) -> Iterator[Schema]:
    media: Media
    for media in content:
        yield from (schema for schema in (media.schema, media.item_schema) if schema is not None)
