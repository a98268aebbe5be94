"""One immutable model for every version of a design (Swagger 2.0, OpenAPI 3.0, 3.1, 3.2).

Everything that runs, documents or generates reads these classes and never the raw document:

    Api
    ├── operations: Operation ── parameters: Parameter ── schema: Schema
    │               ├── body: Body ── content: Media ── schema, encoding, examples
    │               ├── responses: Response ── headers, content: Media
    │               └── security: Requirement, ...
    ├── definitions: the named schemas
    └── security_schemes: SecurityScheme

Differences between versions end here. A Swagger 2.0 `collectionFormat` has become a style, a `formData` parameter a
property of a form body, `nullable` a type, `produces` the content of each response.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from portico.design.direction import Directing
from portico.design.direction import Direction as Direction
from portico.design.direction import target as target

if TYPE_CHECKING:
    from portico.design.findings import Finding
    from portico.design.source import Sources

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
Extensions: TypeAlias = Mapping[str, Json]

Dialect = Literal["2.0", "3.0", "3.1", "3.2"]
In = Literal["path", "query", "header", "cookie", "querystring"]
Style = Literal[
    "matrix", "label", "simple", "form", "spaceDelimited", "pipeDelimited", "tabDelimited", "deepObject", "cookie"
]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
"""The methods that a path item may hold, in the document's own spelling (OpenAPI 3.2 adds `query`)."""

EMPTY: Mapping[str, Any] = MappingProxyType({})


def _empty() -> Mapping[str, Any]:
    """A field's default: before Python 3.12 a mapping proxy has no hash, and `dataclass` takes it for mutable."""
    return EMPTY


ANNOTATIONS = frozenset(
    ("$ref", "title", "description", "summary", "examples", "default", "deprecated", "readOnly", "writeOnly")
)
"""The keywords beside `$ref` that bind nothing."""


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a design: the file, and the JSON pointer (RFC 6901) of the node in it."""

    file: str  # relative to the project's root where it lies below it
    pointer: str  # "" is the whole file


@dataclass(frozen=True, slots=True)
class Schema:
    """A JSON Schema 2020-12 that stands for itself, whatever version it was written in.

    `node` is a part of the normalised schema: treat it as read-only, and prefer the accessors. References in it all
    have the form `#/$defs/NAME`, and `definitions` holds what they name.
    """

    node: Mapping[str, Any] | bool
    definitions: Definitions = field(repr=False, compare=False)
    location: Location | None = field(default=None, compare=False)

    @property
    def reference(self) -> str | None:
        """The name in `definitions` when this schema is nothing but a reference to it, and words about it."""
        if isinstance(self.node, Mapping) and all(key in ANNOTATIONS or key[:2] == "x-" for key in self.node):
            return target(self.node)
        return None

    @property
    def resolved(self) -> Schema:
        """This schema with its references followed to the first that says something of its own."""
        schema, seen = self, set[str]()
        while (name := schema.reference) is not None and name not in seen:
            seen.add(name)
            schema = schema.definitions[name]
        return schema

    def get(self, keyword: str, default: Any = None) -> Any:
        """The value of a keyword, references followed (a plain JSON value; read-only). What is closer wins."""
        schema, seen = self, set[str]()
        while True:
            if isinstance(schema.node, Mapping) and keyword in schema.node:
                return schema.node[keyword]
            name = schema.reference
            if name is None or name in seen:
                return default
            seen.add(name)
            schema = schema.definitions[name]

    def child(self, node: Mapping[str, Any] | bool) -> Schema:
        """A schema for a subschema found inside this one."""
        return Schema(node, self.definitions)

    @property
    def types(self) -> tuple[str, ...]:
        """The JSON types allowed by `type`, without "null"; empty when the schema names none."""
        declared = self.get("type", ())
        names = (declared,) if isinstance(declared, str) else tuple(declared)
        return tuple(name for name in names if name != "null")

    @property
    def nullable(self) -> bool:
        """Whether `null` is allowed by `type` or by an enumeration."""
        declared = self.get("type", ())
        return declared == "null" or "null" in declared or None in self.get("enum", ())

    @property
    def properties(self) -> Mapping[str, Schema]:
        """The named properties of an object, in the document's order."""
        return {name: self.resolved.child(node) for name, node in self.get("properties", EMPTY).items()}

    @property
    def required(self) -> frozenset[str]:
        """The names of the required properties."""
        return frozenset(self.get("required", ()))

    @property
    def items(self) -> Schema | None:
        """The schema of an array's items."""
        node = self.get("items")
        return None if node is None else self.resolved.child(node)

    def document(self, direction: Direction) -> dict[str, Any]:
        """A JSON Schema 2020-12 document that needs nothing else: this node with the definitions that it reaches.

        Args:
            direction: requests drop `required` for read-only properties; responses drop it for write-only ones and
                forbid those (OpenAPI 3.0.4, Schema Object: `readOnly`, `writeOnly`).
        """
        return self.definitions.document(self.node, direction)


class Definitions(Mapping[str, Schema]):
    """The named schemas of an API: what `#/$defs/NAME` means. Read-only."""

    def __init__(
        self, nodes: Mapping[str, Mapping[str, Any] | bool], locations: Mapping[str, Location] = EMPTY
    ) -> None:
        self._nodes = nodes
        self._locations = locations
        self._reach: dict[str, frozenset[str]] = {}
        self._directed: dict[tuple[str, Direction], Any] = {}
        self._directing = {direction: Directing(nodes, direction) for direction in Direction}

    def __getitem__(self, name: str) -> Schema:
        return Schema(self._nodes[name], self, self._locations.get(name))

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)

    def document(self, node: Mapping[str, Any] | bool, direction: Direction) -> dict[str, Any]:
        """See `Schema.document`."""
        root = self.directed(node, direction)
        if isinstance(root, bool):
            return {} if root else {"not": {}}
        reached = self._reached(node)
        result = dict(root)
        if reached:
            result["$defs"] = {name: self.definition(name, direction) for name in sorted(reached)}
        return result

    def directed(self, node: Mapping[str, Any] | bool, direction: Direction) -> Any:
        """A node as it binds values that travel in one direction; its references still lead to `$defs`."""
        return self._directing[direction].schema(node)

    def definition(self, name: str, direction: Direction) -> Any:
        """A named schema as it binds values that travel in one direction."""
        key = (name, direction)
        if key not in self._directed:
            self._directed[key] = self.directed(self._nodes[name], direction)
        return self._directed[key]

    def _reached(self, node: Mapping[str, Any] | bool) -> set[str]:
        reached: set[str] = set()
        waiting = set(references(node))
        while waiting:
            name = waiting.pop()
            if name in reached or name not in self._nodes:
                continue
            reached.add(name)
            if name not in self._reach:
                self._reach[name] = frozenset(references(self._nodes[name]))
            waiting |= self._reach[name] - reached
        return reached


def references(node: Any) -> Iterator[str]:
    """The names of the definitions that a normalised schema refers to."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Mapping):
            name = target(part)
            if name is not None:
                yield name
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)


def escape(token: str) -> str:
    """A key as a JSON pointer writes it (RFC 6901, 3)."""
    return token.replace("~", "~0").replace("/", "~1") if "~" in token or "/" in token else token


@dataclass(frozen=True, slots=True)
class Example:
    """A named example of a value (OpenAPI 3.2, Example Object)."""

    name: str
    value: Json
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that travels in the path, the query string, a header or a cookie; also a response header."""

    name: str
    location: In
    schema: Schema
    required: bool = False
    style: Style = "simple"
    explode: bool = False
    media_type: str | None = None  # set where the document uses `content` (the value is then serialised as that)
    allow_reserved: bool = False
    allow_empty: bool = False
    duplicates: Literal["join", "last"] = "last"  # Connexion's reading of a value given several times
    deprecated: bool = False
    description: str = ""
    examples: tuple[Example, ...] = ()
    extensions: Extensions = field(default_factory=_empty)
    at: Location | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Encoding:
    """How one property of a form or multipart body is written (OpenAPI 3.2, Encoding Object)."""

    content_type: str | None = None
    style: Style | None = None
    explode: bool | None = None
    headers: Mapping[str, Parameter] = field(default_factory=_empty)


@dataclass(frozen=True, slots=True)
class Media:
    """One media type or media range of a body."""

    media_type: str  # lower case, without parameters; may be a range such as "image/*" or "*/*"
    schema: Schema | None = None
    encoding: Mapping[str, Encoding] = field(default_factory=_empty)
    examples: tuple[Example, ...] = ()
    item_schema: Schema | None = None  # OpenAPI 3.2, sequential media types such as application/jsonl


@dataclass(frozen=True, slots=True)
class Body:
    """A request body. Form fields of Swagger 2.0 have become the properties of one object schema."""

    content: Mapping[str, Media]
    required: bool = False
    name: str = "body"  # the handler's argument: `x-body-name`, or the name of Swagger 2.0's body parameter
    description: str = ""
    unpack_form: bool = False  # Swagger 2.0: form fields are arguments of their own
    extensions: Extensions = field(default_factory=_empty)
    at: Location | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Response:
    """What one status code (or a range "4XX", or "default") answers."""

    status: str
    description: str = ""
    headers: Mapping[str, Parameter] = field(default_factory=_empty)
    content: Mapping[str, Media] = field(default_factory=_empty)
    extensions: Extensions = field(default_factory=_empty)
    at: Location | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """A way to prove who is calling (OpenAPI 3.2, Security Scheme Object). Swagger 2.0's `basic` has become `http`."""

    name: str
    type: Literal["apiKey", "http", "oauth2", "openIdConnect", "mutualTLS"] | str
    location: Literal["query", "header", "cookie"] | None = None  # apiKey
    parameter: str | None = None  # apiKey: the name of the header, query parameter or cookie
    scheme: str | None = None  # http: "basic", "bearer", ..., lower case
    bearer_format: str | None = None
    flows: Mapping[str, Mapping[str, Json]] = field(
        default_factory=_empty
    )  # oauth2, in OpenAPI 3's spelling (authorizationCode, ...)
    open_id_connect_url: str | None = None
    description: str = ""
    extensions: Extensions = field(default_factory=_empty)
    raw: Mapping[str, Json] = field(
        default_factory=_empty, repr=False, compare=False
    )  # for Connexion's security_map only
    at: Location | None = field(default=None, compare=False)

    @property
    def is_signed(self) -> bool:
        """Whether requests are signed: AWS's `awsSigv4` (API Gateway, "x-amazon-apigateway-authtype")."""
        kind = str(self.extensions.get("x-amazon-apigateway-authtype", ""))
        return self.type == "apiKey" and kind.lower() == "awssigv4"

    @property
    def is_key(self) -> bool:
        """Whether it is an API key and nothing else: AWS's Lambda authorizers are written as `apiKey` too."""
        others = ("x-amazon-apigateway-authtype", "x-amazon-apigateway-authorizer", "x-authentication-scheme")
        return self.type == "apiKey" and not any(name in self.extensions for name in others)


@dataclass(frozen=True, slots=True)
class Requirement:
    """Schemes that must all be satisfied, each with its scopes; an empty one lets anyone in."""

    schemes: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path."""

    id: str  # the operationId, or one made of method and path where the document has none
    declared_id: str | None
    method: str  # lower case
    path: str  # the template, relative to the API's base path: "/products/{productId}"
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    responses: Mapping[str, Response] = field(default_factory=_empty)
    security: tuple[Requirement, ...] | None = None  # any of these; () is open; None: nobody decided
    summary: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    deprecated: bool = False
    servers: tuple[Server, ...] = ()  # only where the operation or its path overrides the API's
    controller: str | None = None  # x-openapi-router-controller, x-swagger-router-controller
    extensions: Extensions = field(
        default_factory=_empty
    )  # the operation's own; its path item's where it has none of that name
    at: Location | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Server:
    """Where the API is served: the URL with its variables filled by their defaults."""

    url: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Api:
    """One design: everything that Portico knows about one document."""

    name: str  # the file's stem: specs/shop.yaml is "shop"
    title: str
    version: str
    dialect: Dialect
    base_path: str  # "" or "/concierge/v1", never with a closing slash
    operations: tuple[Operation, ...]
    definitions: Definitions
    security_schemes: Mapping[str, SecurityScheme] = field(default_factory=_empty)
    servers: tuple[Server, ...] = ()
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=_empty)  # name -> description
    security: tuple[Requirement, ...] | None = None  # the document's default, already applied to the operations
    extensions: Extensions = field(default_factory=_empty)
    files: tuple[str, ...] = ()  # every file that was read, the root document first
    document: Mapping[str, Any] = field(default_factory=_empty, repr=False, compare=False)
    """The document in its own version, in one piece, references to other files taken in. For export and `/specs`."""
    findings: tuple[Finding, ...] = field(default=(), repr=False, compare=False)  # warnings from reading
    sources: Sources | None = field(default=None, repr=False, compare=False)  # the texts, for lines and columns

    def operation(self, operation_id: str) -> Operation:
        """The operation of that id.

        Raises:
            KeyError: there is none.
        """
        for operation in self.operations:
            if operation.id == operation_id:
                return operation
        raise KeyError(operation_id)
