"""What an SDK is made of, before any language has a say: the plan that every language's templates read.

    Sdk
    ├── types: Record, Enumeration, Union, Alias            declared once, in a stable order
    ├── operations: Operation ── parameters, body, responses, requirements, pages
    ├── schemes: Scheme
    └── omissions: Omission                                 what an SDK cannot express; told in its README

A type is used through a `TypeRef`. All words of the document are `Untrusted`. Keys (`Record.key`, `Field.key`, ...)
name a thing over all changes of the document: names are recorded by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from portico.design.model import Json, Style
from portico.sdkgen.untrusted import Untrusted

ScalarKind = Literal[
    "string",
    "boolean",
    "integer",
    "int64",  # the document says that it may have more than 53 bits: exact in every language
    "number",
    "decimal",  # format decimal, on a number or a string
    "date",
    "datetime",
    "uuid",
    "bytes",  # text in base64 (format byte, contentEncoding base64)
    "null",
]


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value without parts."""

    kind: ScalarKind
    text: bool = False  # a decimal or an int64 that travels as a JSON string


@dataclass(frozen=True, slots=True)
class Anything:
    """Any JSON value."""


@dataclass(frozen=True, slots=True)
class Binary:
    """Bytes that are not JSON: a body, a file of a form."""


@dataclass(frozen=True, slots=True)
class ListOf:
    """An array."""

    item: TypeRef


@dataclass(frozen=True, slots=True)
class MapOf:
    """An object whose names are not known."""

    value: TypeRef


@dataclass(frozen=True, slots=True)
class Literals:
    """One of some constants, without a name of its own; unknown ones are kept."""

    kind: Literal["string", "integer", "boolean"]
    values: tuple[Untrusted | int | bool, ...]


@dataclass(frozen=True, slots=True)
class Nullable:
    """Something, or null."""

    inner: TypeRef


@dataclass(frozen=True, slots=True)
class Named:
    """A declared type, by its key in `Sdk.types`."""

    key: str


TypeRef: TypeAlias = Scalar | Anything | Binary | ListOf | MapOf | Literals | Nullable | Named


@dataclass(frozen=True, slots=True)
class Field:
    """A property of a record."""

    key: Untrusted  # its name on the wire
    type: TypeRef
    required: bool
    read_only: bool = False
    write_only: bool = False
    deprecated: bool = False
    description: Untrusted = field(default_factory=lambda: Untrusted(""))
    constant: Untrusted | int | bool | None = None  # the only value that it can have


@dataclass(frozen=True, slots=True)
class Record:
    """An object with named properties."""

    key: str
    wish: Untrusted  # the name that the document gives it, or the way to it
    fields: tuple[Field, ...]
    additional: TypeRef | None  # of properties without a name; None: the document allows none. They are kept anyway
    description: Untrusted
    deprecated: bool = False
    named: bool = True  # the document names it; else it stands inside another schema


@dataclass(frozen=True, slots=True)
class Enumeration:
    """Named constants. Unknown values are kept."""

    key: str
    wish: Untrusted
    kind: Literal["string", "integer"]
    values: tuple[Untrusted | int, ...]
    names: tuple[Untrusted, ...]  # of the values: x-enum-varnames, else made of the value
    description: Untrusted
    deprecated: bool = False
    named: bool = True


@dataclass(frozen=True, slots=True)
class Union:
    """One of several types. Unknown members are kept."""

    key: str
    wish: Untrusted
    members: tuple[TypeRef, ...]
    discriminator: Untrusted | None  # the property that chooses
    mapping: tuple[tuple[Untrusted, TypeRef], ...]  # value of the discriminator -> member
    description: Untrusted
    deprecated: bool = False
    named: bool = True


@dataclass(frozen=True, slots=True)
class Alias:
    """A name for a type."""

    key: str
    wish: Untrusted
    type: TypeRef
    description: Untrusted
    deprecated: bool = False
    named: bool = True


Declared: TypeAlias = Record | Enumeration | Union | Alias


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value in the path, the query string, a header or a cookie."""

    key: str  # "query:maxPrice"
    name: Untrusted  # on the wire
    location: Literal["path", "query", "header", "cookie", "querystring"]
    type: TypeRef
    required: bool
    style: Style
    explode: bool
    allow_reserved: bool
    json: bool  # the document gives it a media type: it is written as JSON
    media_type: Untrusted | None
    deprecated: bool
    description: Untrusted
    constant: Untrusted | int | bool | None = None


ContentKind = Literal["json", "form", "multipart", "text", "binary", "events", "jsonl"]


@dataclass(frozen=True, slots=True)
class Part:
    """How one property of a form is written."""

    name: Untrusted
    type: TypeRef
    file: bool  # bytes, with a file name
    repeated: bool  # an array: one part each
    content_type: Untrusted | None
    style: Style | None
    explode: bool | None
    headers: tuple[Untrusted, ...] = ()  # not sent: told as omissions


@dataclass(frozen=True, slots=True)
class Content:
    """One media type of a body or an answer."""

    media_type: Untrusted
    kind: ContentKind
    type: TypeRef  # of events and lines: of one of them
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """A request's body."""

    required: bool
    contents: tuple[Content, ...]  # the one that is sent where nothing else is asked for comes first
    spread: str | None  # key of the Record whose fields are arguments of the operation as well
    description: Untrusted


@dataclass(frozen=True, slots=True)
class Answer:
    """What one status, range ("4XX") or "default" answers."""

    status: str
    contents: tuple[Content, ...]
    description: Untrusted
    headers: tuple[Parameter, ...] = ()


@dataclass(frozen=True, slots=True)
class Pages:
    """How an operation goes on to the next page."""

    kind: Literal["link", "cursor", "page", "offset"]  # link: the header `Link`, or where `cursor` says
    items: tuple[Untrusted, ...]  # the way to the array in the answer; () is the answer itself
    parameter: Untrusted | None = None  # of the query, that takes the cursor, the page or the offset
    cursor: tuple[Untrusted, ...] = ()  # the way to the next cursor, or to the URL of the next page, in the answer
    more: tuple[Untrusted, ...] = ()  # the way to a boolean that says whether there is more
    item: TypeRef = field(default_factory=Anything)
    first: int = 1  # of pages


@dataclass(frozen=True, slots=True)
class Need:
    """A scheme that a requirement asks for."""

    scheme: str  # key in `Sdk.schemes`
    scopes: tuple[Untrusted, ...]


Requirement: TypeAlias = tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A working call, for the README and the tests: arguments by parameter key, and the body."""

    parameters: Mapping[str, Json]
    body: Json
    has_body: bool
    answer: Json
    has_answer: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of the client."""

    key: str  # "POST /checkout"
    id: Untrusted
    method: str  # upper case; letters only
    path: Untrusted  # "/orders/{orderId}", relative to the base path
    parameters: tuple[Parameter, ...]
    body: Body | None
    answers: tuple[Answer, ...]
    result: TypeRef | None  # of the 2xx answers; None: nothing
    result_kind: Literal["json", "text", "binary", "events", "jsonl", "none"]
    requirements: tuple[Requirement, ...]  # any of these; () is open
    summary: Untrusted
    description: Untrusted
    deprecated: bool
    idempotent: bool  # by its method
    idempotency_header: Untrusted | None
    pages: Pages | None
    server: Untrusted | None  # an absolute URL that takes the place of the base URL
    unsigned_payload: bool  # x-portico-unsigned-payload
    nonce: bool  # x-portico-replay: nonce
    exact_numbers: bool  # decimals or numbers of 64 bits are in its answers
    example: Example | None = None


SchemeKind = Literal["key", "basic", "bearer", "login", "client", "signed", "none"]


@dataclass(frozen=True, slots=True)
class Scheme:
    """A way to prove who calls."""

    key: str  # the document's name for it
    name: Untrusted
    kind: SchemeKind  # login: OpenID Connect or an OAuth flow for people; none: an SDK cannot do it
    location: Literal["query", "header", "cookie"] | None = None  # of keys
    parameter: Untrusted | None = None  # of keys: the header, query parameter or cookie
    discovery: Untrusted | None = None  # openIdConnectUrl, as the document has it: absolute, or a path on the base
    # URL's origin. Also of `bearer` and `signed` where the project's own pool gives the tokens
    authorization_url: Untrusted | None = None  # of OAuth flows without discovery
    token_url: Untrusted | None = None
    scopes: tuple[Untrusted, ...] = ()  # all that operations ask for
    description: Untrusted = field(default_factory=lambda: Untrusted(""))


@dataclass(frozen=True, slots=True)
class Omission:
    """A construct that an SDK cannot express."""

    place: Untrusted
    text: str  # ours


@dataclass(frozen=True, slots=True)
class Sdk:
    """Everything that the SDK of one document is made of."""

    key: str  # the document's name: a file's stem
    name: Untrusted
    title: Untrusted
    description: Untrusted
    version: str  # SemVer of the SDK, made by us
    document_version: Untrusted
    base_path: Untrusted
    server: Untrusted | None  # the first absolute server: the default base URL, without the base path
    types: tuple[Declared, ...]
    operations: tuple[Operation, ...]
    schemes: tuple[Scheme, ...]
    omissions: tuple[Omission, ...]
    client_id: str | None = None  # of the project's pool
    region: str = "us-east-1"
    license: str | None = None  # an SPDX identifier
    package: str | None = None  # what it is published as; None: named after the document
    changes: str = ""  # CHANGELOG.md, made by us

    def declared(self) -> dict[str, Declared]:
        """The types by key."""
        return {one.key: one for one in self.types}
