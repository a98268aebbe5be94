"""From a request to the handler's arguments: all parameters of one operation, read and checked together."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from connexion.uri_parsing import AbstractURIParser

from portico.design.handlers import INJECTED, Argument
from portico.design.handlers import arguments as arguments_of
from portico.design.model import Operation, Parameter
from portico.design.names import argument_name
from portico.gateway.authenticate import cookie
from portico.gateway.body import BodyArguments
from portico.gateway.call import Signature
from portico.gateway.exchange import Exchange
from portico.gateway.parameters import MISSING, Reader, deep_object, default_of, exploded_object
from portico.gateway.problems import Fault
from portico.gateway.schema import Validators

QUERY_FIELDS = 1_000  # of one query string

Query = dict[str, list[str]]

_TEMPLATE = re.compile(r"\{([^{}]*)\}")


class Names:
    """What the handler calls the values of a request, where it takes them."""

    def __init__(self, operation: Operation, signature: Signature, *, pythonic: bool) -> None:
        self._signature = signature
        self._pythonic = pythonic
        self._arguments = arguments_of(operation, pythonic=pythonic)
        self._template = _TEMPLATE.findall(operation.path)
        self._names = {(argument.kind, argument.source): argument.name for argument in self._arguments}

    def of(self, parameter: Parameter) -> str | None:
        """The handler's argument for a parameter. Header and cookie values go only to those that name them."""
        name = self._names.get((parameter.location, parameter.name), "")
        if parameter.location in ("header", "cookie"):
            return name if name in self._signature.names else None
        if not name and self._signature.has_kwargs and (parameter.location, parameter.name) in self._names:
            return argument_name(parameter.name, pythonic=self._pythonic) or None  # **kwargs takes even `class`
        return name if name and self._signature.takes(name) else None

    @property
    def undescribed(self) -> dict[str, str]:
        """Parameters that only the path's template names: the handler gets their text, as Connexion has it."""
        template = {name: argument_name(name.replace("-", "_"), pythonic=self._pythonic) for name in self._template}
        described = {argument.source for argument in self._arguments if argument.kind == "path"}
        return {
            name: argument
            for name, argument in template.items()
            if name not in described and argument and self._signature.takes(argument)
        }

    @property
    def body(self) -> BodyArguments:
        """What of the body the handler takes."""
        fields = {a.source: a.name for a in self._taken("form")}
        return BodyArguments(
            body=next((a.name for a in self._taken("body")), None),
            fields=fields if any(a.kind == "form" for a in self._arguments) else None,
            files={a.source: a.name for a in self._taken("file")},
            everything=self._signature.has_kwargs,
            reserved=self.described | INJECTED,
        )

    @property
    def optional(self) -> frozenset[str]:
        """Arguments that a request may lack."""
        return frozenset(argument.name for argument in self._arguments if not argument.required)

    @property
    def described(self) -> frozenset[str]:
        """Arguments that come from the document."""
        return frozenset(argument.name for argument in self._arguments)

    def _taken(self, kind: str) -> list[Argument]:
        return [a for a in self._arguments if a.kind == kind and a.name and self._signature.takes(a.name)]


class Parameters:
    """All parameters of one operation."""

    def __init__(
        self,
        operation: Operation,
        names: Names,
        validators: Validators,
        *,
        strict: bool = False,
        security_query: frozenset[str] = frozenset(),
    ) -> None:
        """Compile.

        Args:
            operation: what the document says.
            names: what the handler calls the values.
            validators: the API's.
            strict: refuse query parameters that the document does not name.
            security_query: query parameters that carry a credential.
        """

        def bound(location: str) -> list[tuple[Parameter, Reader, str | None]]:
            chosen = [parameter for parameter in operation.parameters if parameter.location == location]
            return [(p, Reader(p, names.of(p) or "", validators), names.of(p)) for p in chosen]

        self._path = [(reader, argument) for _, reader, argument in bound("path")]
        self._undescribed = tuple(names.undescribed.items())
        self._query = bound("query")
        self._whole = bound("querystring")
        self._headers = [(_key(reader.name), reader, argument) for _, reader, argument in bound("header")]
        self._cookies = [(reader, argument) for _, reader, argument in bound("cookie")]
        self._strict = strict
        self._reads_query = bool(self._query or strict)
        self._known = {p.name for p, _, _ in self._query} | security_query
        self._objects = tuple(f"{p.name}[" for p, _, _ in self._query if p.style == "deepObject")
        for parameter, reader, _ in self._query:
            if _is_exploded_object(parameter):
                self._known |= set(parameter.schema.properties)
            reader.default = default_of(parameter.schema)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to read."""
        return not (
            self._path or self._undescribed or self._reads_query or self._whole or self._headers or self._cookies
        )

    def __call__(self, x: Exchange) -> list[Fault]:
        """Read everything into `x.arguments`; what is wrong is returned."""
        found: list[Fault] = []
        for reader, argument in self._path:
            value = reader.read((x.path_values[reader.name],) if reader.name in x.path_values else None, found)
            if argument is not None:
                x.arguments[argument] = value
        for source, given in self._undescribed:
            x.arguments[given] = x.path_values[source]
        if self._reads_query:
            self._read_query(x, found)
        for _, reader, argument in self._whole:
            text = x.scope["query_string"].decode("latin-1")
            _give(x, argument, reader, reader.read((text,) if text else None, found))
        for name, reader, argument in self._headers:
            header = x.headers.get(name)
            _give(x, argument, reader, reader.read(None if header is None else (header.decode("latin-1"),), found))
        for reader, argument in self._cookies:
            text = cookie(x, reader.name)
            _give(x, argument, reader, reader.read(None if text is None else (text,), found))
        return found

    def _read_query(self, x: Exchange, found: list[Fault]) -> None:
        query = parse_query(x.scope["query_string"], found)
        for parameter, reader, argument in self._query:
            _give(x, argument, reader, _query_value(parameter, reader, query, found))
        if self._strict:
            for name in query:
                if name not in self._known and not name.startswith(self._objects or "\0"):
                    found.append(Fault("query", f"/{name}", f"Extra query parameter(s) {name} not in spec"))


def parse_query(query_string: bytes, found: list[Fault]) -> Query:
    """A query string's values by name."""
    if not query_string:
        return {}
    try:
        return parse_qs(query_string.decode("latin-1"), keep_blank_values=True, max_num_fields=QUERY_FIELDS)
    except ValueError:
        found.append(Fault("query", "", f"A query string may have {QUERY_FIELDS} parameters."))
        return {}


def _is_exploded_object(parameter: Parameter) -> bool:
    return (
        parameter.style == "form"
        and parameter.explode
        and parameter.media_type is None
        and parameter.schema.types == ("object",)
        and bool(parameter.schema.properties)
    )


def _query_value(parameter: Parameter, reader: Reader, query: Query, found: list[Fault]) -> Any:
    if parameter.name in query:
        return reader.read(query[parameter.name], found)
    if parameter.style == "deepObject":
        value = deep_object(parameter.name, query, parameter.schema)
    elif _is_exploded_object(parameter):
        value = exploded_object(query, parameter.schema)
    else:
        value = query.get(f"{parameter.name}[]", MISSING) if parameter.schema.types == ("array",) else MISSING
        value = MISSING if value is MISSING else reader.decode(value)
    return reader.absent(found) if value is MISSING else reader.checked(value, found)


def _give(x: Exchange, argument: str | None, reader: Reader, value: Any) -> None:
    if argument is None:
        return
    if value is MISSING:
        value = reader.fallback()
        if value is MISSING:
            return
    elif isinstance(value, dict) and isinstance(reader.default, dict):
        value = _merged(reader.fallback(), value)
    x.arguments[argument] = value


def _merged(under: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Connexion's merge of an object parameter with the defaults of its properties."""
    for name, value in over.items():
        mine = under.get(name)
        under[name] = _merged(mine, value) if isinstance(mine, dict) and isinstance(value, Mapping) else value
    return under


class CustomParameters:
    """The same, by a URI parser of the project's own (Connexion's `uri_parser_class`)."""

    def __init__(
        self,
        operation: Operation,
        parser: AbstractURIParser,
        names: Names,
        validators: Validators,
        *,
        strict: bool,
        security_query: frozenset[str],
    ) -> None:
        chosen = [p for p in operation.parameters if p.location in ("path", "query")]
        self._readers = [(Reader(p, names.of(p) or "", validators), names.of(p)) for p in chosen]
        others = tuple(p for p in operation.parameters if p.location not in ("path", "query"))
        self._others = Parameters(dataclasses.replace(operation, parameters=others), names, validators)
        self._parser = parser
        self._strict = strict
        self._known = {reader.name for reader, _ in self._readers} | security_query

    is_empty = False

    def __call__(self, x: Exchange) -> list[Fault]:
        """Read everything into `x.arguments`; what is wrong is returned."""
        found: list[Fault] = []
        sources: dict[str, Mapping[str, Any]] = {
            "query": self._parser.resolve_query(parse_query(x.scope["query_string"], found)),
            "path": self._parser.resolve_path(x.path_values),
        }
        for reader, argument in self._readers:
            value = sources[reader.location].get(reader.name)
            value = reader.absent(found) if value is None else reader.checked(value, found)
            _give(x, argument, reader, value)
        if self._strict:
            for name in sources["query"].keys() - self._known:
                found.append(Fault("query", f"/{name}", f"Extra query parameter(s) {name} not in spec"))
        return found + self._others(x)


def _key(header: str) -> bytes:
    return header.lower().encode("latin-1", "replace")
