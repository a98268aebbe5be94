"""What the document says of one operation, and how its arguments become a request. Compiled when it is first called."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from . import forms, jsontext, payload, style
from .absent import ABSENT
from .codec import Codec, Codecs
from .errors import BadArgument, SdkError
from .headers import fault
from .payload import Body

_VARIABLE = re.compile(r"\{([^{}]+)\}")
_KEPT = "/%:@!$&'()*+,;=~-._"  # characters of a path that stay as the document has them


class Parameter(NamedTuple):
    """An argument that travels in the path, the query string, a header or a cookie."""

    location: str
    name: str  # on the wire
    argument: str
    type: Any
    required: bool = False
    style: str = "simple"
    explode: bool = False
    json: bool = False
    reserved: bool = False


class Content(NamedTuple):
    """One media type of a body."""

    media_type: str
    kind: str  # json, form, multipart, text, binary, events, jsonl
    type: Any
    parts: tuple[forms.Part, ...] = ()


class Property(NamedTuple):
    """A property of the body that is an argument as well."""

    name: str  # on the wire
    argument: str
    required: bool = False
    constant: Any = None  # the only value that it can have: it is sent where nobody gives another


class Pages(NamedTuple):
    """How an operation goes on to the next page."""

    kind: str  # link, cursor, page, offset
    items: tuple[str, ...] = ()
    parameter: int = -1  # the index of the one that takes the cursor, the page or the offset
    cursor: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    first: int = 1


class Operation:
    """One operation.

    Args:
        id: as the document has it.
        method: upper case.
        path: below the base path, with variables in braces.
        parameters: in the order in which methods give them.
        bodies: what can be sent; the first where nothing else is asked for.
        body_required: whether there must be one.
        properties: of the body, that are arguments.
        result: the type of the answer.
        kind: json, text, binary, events, jsonl or none.
        accept: what it asks for.
        security: any of these requirements; each is scheme names and scopes, all of them needed.
        idempotent: whether it may be sent twice.
        idempotency_index: the parameter that takes a key over all attempts; -1 where there is none.
        pages: how it goes on.
        server: an address that takes the place of the client's.
        unsigned_payload: whether the signature may leave out the body.
        nonce: whether a signature wants one.
        exact: whether digits of numbers matter in its answers.
    """

    def __init__(
        self,
        id: str,
        method: str,
        path: str,
        *,
        parameters: tuple[Parameter, ...] = (),
        bodies: tuple[Content, ...] = (),
        body_required: bool = False,
        properties: tuple[Property, ...] = (),
        result: Any = None,
        kind: str = "none",
        accept: str = "*/*",
        security: tuple[tuple[tuple[str, tuple[str, ...]], ...], ...] = (),
        idempotent: bool = False,
        idempotency_index: int = -1,
        pages: Pages | None = None,
        server: str = "",
        unsigned_payload: bool = False,
        nonce: bool = False,
        exact: bool = False,
    ) -> None:
        self.id, self.method, self.path = id, method, path
        self.parameters, self.bodies, self.body_required, self.properties = (
            parameters,
            bodies,
            body_required,
            properties,
        )
        self.result, self.kind, self.accept, self.security = result, kind, accept, security
        self.idempotent, self.idempotency_index, self.pages, self.server = idempotent, idempotency_index, pages, server
        self.unsigned_payload, self.nonce, self.exact = unsigned_payload, nonce, exact
        self._compiled: tuple[Codecs, Compiled] | None = None

    def compiled(self, codecs: Codecs) -> Compiled:
        """This operation, ready to be called.

        Args:
            codecs: of its package.
        """
        kept = self._compiled
        if kept is None or kept[0] is not codecs:
            self._compiled = kept = (codecs, Compiled(self, codecs))
        return kept[1]

    def __repr__(self) -> str:
        return f"Operation({self.id!r})"


class Arguments(NamedTuple):
    """What a method was given."""

    parameters: Sequence[Any] = ()
    body: Any = ABSENT
    properties: Sequence[Any] = ()


Writer = tuple[int, Parameter, Callable[[Any], Any]]


class Compiled:
    """Writes requests of one operation, and reads its answers."""

    def __init__(self, operation: Operation, codecs: Codecs) -> None:
        self.operation = operation
        self.result: Codec = codecs.get(operation.result) if operation.result is not None else codecs.get("any")
        writers: dict[str, list[Writer]] = {"path": [], "query": [], "header": [], "cookie": [], "querystring": []}
        for index, parameter in enumerate(operation.parameters):
            writers[parameter.location].append((index, parameter, _writer(parameter, codecs)))
        self._query, self._headers, self._cookies = writers["query"], writers["header"], writers["cookie"]
        self._whole_query = writers["querystring"]
        self._pieces, self._slots = _template(operation.path, writers["path"])
        self._bodies = [(content, _body_writer(content, codecs)) for content in operation.bodies]

    def target(self, values: Sequence[Any]) -> str:
        """Path and query, below the base path.

        Args:
            values: of the parameters.

        Raises:
            BadArgument: one cannot be sent.
        """
        pieces = self._pieces
        if self._slots:
            pieces = list(pieces)
            for slot, writer in self._slots:
                pieces[slot] = self._path_text(writer, values)
        path = "".join(pieces)
        pairs: list[str] = []
        for writer in self._query:
            pairs += self._written(writer, values) or ()
        for writer in self._whole_query:
            pairs.append(self._written(writer, values) or "")
        return f"{path}?{'&'.join(filter(None, pairs))}" if pairs else path

    def add_headers(self, values: Sequence[Any], headers: dict[str, str]) -> None:
        """Add the headers and cookies that are parameters.

        Args:
            values: of the parameters.
            headers: by lower-case names; they are added to these.
        """
        for writer in self._headers:
            text = self._written(writer, values)
            if text is not None:
                wrong = fault(writer[1].name, text)
                if wrong:
                    raise BadArgument(f"{self.operation.id}: {wrong}.")
                headers[writer[1].name.lower()] = text.strip(" \t")
        cookies = [pair for writer in self._cookies for pair in self._written(writer, values) or ()]
        if cookies:
            text = "; ".join(cookies)
            if fault("cookie", text):
                raise BadArgument(f"{self.operation.id}: a cookie has a control character.")
            headers["cookie"] = text

    def body(self, arguments: Arguments, content_type: str | None) -> tuple[Body | None, str | None]:
        """The body and its content type; neither where there is none.

        Args:
            arguments: of the method.
            content_type: that somebody chose.

        Raises:
            BadArgument: it cannot be sent, is missing, or was given twice.
        """
        if not self._bodies:
            return None, None
        value = self._body_value(arguments)
        if value is ABSENT:
            if self.operation.body_required:
                raise BadArgument(f"{self.operation.id} needs a body.")
            return None, None
        content, write = self._chosen(content_type)
        try:
            written: tuple[Body, str] = write(value, content_type or content.media_type)
        except SdkError as error:
            raise BadArgument(f"{self.operation.id}: body: {error}") from None
        except RecursionError:
            raise BadArgument(f"{self.operation.id}: body: it is nested too deeply, or holds itself") from None
        return written

    def _body_value(self, arguments: Arguments) -> Any:
        names, values = self.operation.properties, arguments.properties
        given = {one.name: value for one, value in zip(names, values, strict=False) if value is not ABSENT}
        if arguments.body is not ABSENT:
            if given:
                raise BadArgument(
                    f"{self.operation.id} takes either body or {', '.join(one.argument for one in names)}."
                )
            return arguments.body
        if not names or not (given or self.operation.body_required):
            return ABSENT
        missing = [one.argument for one in names if one.required and one.name not in given]
        if missing:
            raise BadArgument(f"{self.operation.id} needs {', '.join(missing)}.")
        return {**{one.name: one.constant for one in names if one.constant is not None}, **given}

    def _chosen(self, content_type: str | None) -> tuple[Content, Any]:
        if content_type is None:
            return self._bodies[0]
        wanted = content_type.partition(";")[0].strip().lower()
        for content, write in self._bodies:
            if content.media_type.lower() == wanted or _in_range(wanted, content.media_type):
                return content, write
        offered = ", ".join(content.media_type for content, _ in self._bodies)
        raise BadArgument(f"{self.operation.id} takes {offered}, not {content_type!r}.")

    def _path_text(self, writer: Writer, values: Sequence[Any]) -> str:
        index, parameter, _ = writer
        if values[index] in ("", ".", "..", b"", None) or values[index] is ABSENT:
            told = "is missing" if values[index] is ABSENT else f"cannot be {values[index]!r}: it would be another path"
            raise BadArgument(f"{self.operation.id}: {parameter.argument} {told}.")
        text: str = self._written(writer, values)
        if text in ("", ".", ".."):
            raise BadArgument(f"{self.operation.id}: {parameter.argument} cannot be empty: it would be another path.")
        return text

    def _written(self, writer: Writer, values: Sequence[Any]) -> Any:
        index, parameter, write = writer
        value = values[index]
        if value is ABSENT:
            if parameter.required:
                raise BadArgument(f"{self.operation.id} needs {parameter.argument}.")
            return None
        try:
            return write(value)
        except (SdkError, UnicodeEncodeError) as error:
            raise BadArgument(f"{self.operation.id}: {parameter.argument}: {error}") from None
        except RecursionError:
            raise BadArgument(f"{self.operation.id}: {parameter.argument}: it is nested too deeply") from None


def _template(path: str, writers: Sequence[Writer]) -> tuple[list[str], list[tuple[int, Writer]]]:
    """The pieces of a path, and which of them are variables."""
    named: Mapping[str, Writer] = {writer[1].name: writer for writer in writers}
    pieces: list[str] = []
    slots: list[tuple[int, Writer]] = []
    for index, piece in enumerate(_VARIABLE.split(path)):
        if index % 2 and piece in named:
            slots.append((len(pieces), named[piece]))
            pieces.append("")
        else:
            pieces.append(quote(f"{{{piece}}}" if index % 2 else piece, safe=_KEPT))
    return pieces, slots


def _writer(parameter: Parameter, codecs: Codecs) -> Callable[[Any], Any]:
    out = codecs.get(parameter.type).write
    name, form, explode, json = parameter.name, parameter.style, parameter.explode, parameter.json
    if parameter.location == "path":
        text: Callable[[Any], Any] = style.path_text(name, form, explode, json)
    elif parameter.location == "query":
        text = style.query_pairs(name, form, explode, json, parameter.reserved)
    elif parameter.location == "header":
        text = style.header_text(explode, json)
    elif parameter.location == "cookie":
        text = style.cookie_pairs(name, form, explode, json)
    else:
        text = _whole_query
    return lambda value: text(out(value))


def _whole_query(value: Any) -> str:
    if isinstance(value, Mapping):
        pairs = [(name, style.scalar(one)) for name, one in value.items()]
        return urlencode(pairs, quote_via=quote)
    return quote(style.scalar(value), safe="")


def _body_writer(content: Content, codecs: Codecs) -> Callable[[Any, str], tuple[Body, str]]:
    if content.kind == "json":
        out = codecs.get(content.type).write
        return lambda value, media: (jsontext.write(out(value)), _exactly(media, "application/json"))
    if content.kind == "form":
        form = forms.urlencoded(content.parts, codecs)
        return lambda value, media: (form(value), media)
    if content.kind == "multipart":
        parts = forms.multipart(content.parts, codecs)
        return lambda value, media: parts(value)
    if content.kind == "jsonl":
        line = codecs.get(content.type).write
        return lambda value, media: (payload.of(_Lines(value, line)), media)
    fallback = "text/plain" if content.kind == "text" else "application/octet-stream"
    return lambda value, media: (payload.of(value), _exactly(media, fallback))


class _Lines:
    """JSON, a line each, written as it is sent."""

    def __init__(self, items: Any, write: Callable[[Any], Any]) -> None:
        if not hasattr(items, "__iter__"):
            raise BadArgument("Lines are an iterable of items.")
        self._items, self._write = items, write

    def __iter__(self) -> Any:
        return (self._line(item) for item in self._items)

    def _line(self, item: Any) -> bytes:
        try:
            return jsontext.write(self._write(item)) + b"\n"
        except RecursionError:
            raise BadArgument("An item is nested too deeply, or holds itself.") from None


def _exactly(media: str, fallback: str) -> str:
    """A media type that can be sent; a range such as */* is none."""
    return fallback if "*" in media else media


def _in_range(wanted: str, offered: str) -> bool:
    main, _, sub = offered.partition("/")
    return sub == "*" and (main == "*" or wanted.startswith(f"{main}/"))
