"""What things are called in TypeScript: idiomatic, and never what the language or the generated code needs itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from portico.design import names as pythonic
from portico.sdkgen.names import Names
from portico.sdkgen.plan import Declared, Enumeration, Operation, Record, Sdk
from portico.sdkgen.untrusted import Untrusted

KEYWORDS = frozenset(
    [
        "any", "arguments", "await", "bigint", "boolean", "break", "case", "catch", "class", "const", "continue",
        "debugger", "default", "delete", "do", "else", "enum", "eval", "export", "extends", "false", "finally",
        "for", "function", "if", "implements", "import", "in", "instanceof", "interface", "let", "never", "new",
        "null", "number", "object", "package", "private", "protected", "public", "require", "return", "static",
        "string", "super", "switch", "symbol", "this", "throw", "true", "try", "typeof", "undefined", "unknown",
        "var", "void", "while", "with", "yield",
    ]
)  # fmt: skip
_GLOBALS = frozenset(
    [
        "Array", "ArrayBuffer", "AsyncGenerator", "AsyncIterable", "BigInt", "Blob", "Boolean", "Buffer",
        "DataView", "Date", "Error", "File", "FormData", "Function", "Generator", "Headers", "Infinity", "Iterable",
        "Iterator", "Map", "NaN", "Number", "Object", "Omit", "Partial", "Pick", "Promise", "Proxy", "Readonly",
        "ReadableStream", "Record", "RegExp", "Request", "Required", "Response", "Set", "String", "Symbol",
        "TypeError", "URL", "Uint8Array", "WeakMap", "WeakSet", "globalThis",
    ]
)  # fmt: skip
EXPORTED = [
    "ApiError", "ApiPromise", "BadArgument", "BadRequest", "Conflict", "ConnectionFailed", "Decimal",
    "Download", "EventStream", "FileTokenStore", "Forbidden", "JsonLines", "MemoryTokenStore", "NotFound",
    "NotSignedIn", "PageIterator", "SdkError", "ServerError", "SignInFailed", "TimedOut", "TooManyRequests",
    "Unauthorized", "UnexpectedAnswer", "UnprocessableContent",
]  # fmt: skip
TYPES_EXPORTED = [
    "Bytes", "CallOptions", "ClientOptions", "Credentials", "ExactNumber", "Hooks", "LoginOptions",
    "ProblemDocument", "RequestNotice", "ResponseNotice", "RetryNotice", "RetryOptions", "ServerEvent",
    "SignedInUser", "TokenStore", "Tokens", "UnknownMember", "Upload", "WithResponse",
]  # fmt: skip
_OURS = frozenset((*EXPORTED, *TYPES_EXPORTED, "API", "Base", "Client", "Operation", "call", "models", "operations"))
_CLIENT = frozenset(
    ["constructor", "login", "logout", "resume", "session", "toJSON", "toString", "valueOf", "then", "catch", "finally"]
)
_OBJECT = frozenset(
    ["hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "prototype", "length", "name"]
)
_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_LONGEST = 100  # characters


@dataclass(frozen=True, slots=True)
class Package:
    """What one package calls things. Keys are those of the plan."""

    project: str  # as npm knows it
    file: str  # of its tests
    client: str
    types: Mapping[str, str]  # and those of what is sent: "input:KEY"
    params: Mapping[str, str]  # by the key of the operation
    values: Mapping[str, tuple[str, ...]]  # by the key of the type, in the order of its values
    methods: Mapping[str, str]
    iterators: Mapping[str, str]
    arguments: Mapping[str, Mapping[str, str]]  # by the key of the operation, then of the parameter


def name_all(sdk: Sdk, names: Names, inputs: Iterable[str], spreads: Mapping[str, Collection[str]]) -> Package:
    """Names for everything.

    Args:
        sdk: what to name.
        names: what was called something before, and is called the same again.
        inputs: keys of types that are declared twice, as what is received and as what is sent.
        spreads: by the key of the operation, names of its body's properties that are arguments.
    """
    project = re.sub(r"[^a-z0-9]+", "-", sdk.key.lower()).strip("-")[:_LONGEST] or "api"
    client = _client(sdk, names)
    methods, iterators = _methods(sdk, names)
    reserved = KEYWORDS | _GLOBALS | _OURS | {client, *methods.values(), *iterators.values()}
    wishes = [(one.key, _class(one.wish.raw)) for one in sdk.types]
    wishes += [(f"input:{one.key}", f"{_class(one.wish.raw)}Input") for one in sdk.types if one.key in set(inputs)]
    wishes += [(f"params:{one.key}", f"{_class(methods[one.key])}Params") for one in sdk.operations]
    types = names.scope("types", _kind(wishes, reserved), reserved=reserved, valid=_valid, free=_joined)
    return Package(
        sdk.package or project,
        project,
        client,
        types,
        {one.key: types[f"params:{one.key}"] for one in sdk.operations},
        {one.key: _values(one, names) for one in sdk.types if isinstance(one, Enumeration)},
        methods,
        iterators,
        {one.key: _arguments(one, names, spreads.get(one.key, ())) for one in sdk.operations},
    )


def _valid(name: str) -> bool:
    """As JavaScript and people can read it; Python's identifiers are among JavaScript's."""
    normal = unicodedata.normalize("NFKC", name) == name and name.isprintable()
    return _IDENTIFIER.fullmatch(name) is not None and name.isidentifier() and normal and not name.startswith("__")


def _class(wish: str) -> str:
    return pythonic.class_name(wish[:300])[:_LONGEST]


def camel(wish: str) -> str:
    """`place-order`, `place_order` and `PlaceOrder` are `placeOrder`; what is written so already stays as it is."""
    if re.fullmatch(r"[a-z][A-Za-z0-9]{0,99}", wish):
        return wish
    first, *others = pythonic.snake(wish[:300])[:_LONGEST].strip("_").split("_") or [""]
    found = first + "".join(word[:1].upper() + word[1:] for word in others)
    return found if found.isidentifier() else f"_{found}"


def _kind(wishes: Iterable[tuple[str, str]], reserved: Collection[str]) -> list[tuple[str, str]]:
    """`Error` and `Date` are taken: `ErrorModel`, `DateModel`."""
    return [(key, f"{wish}Model" if wish in reserved else wish) for key, wish in wishes]


def _joined(wish: str, count: int) -> str:
    return f"{wish}{count}" if not wish[-1:].isdigit() else f"{wish}_{count}"


def _client(sdk: Sdk, names: Names) -> str:
    wish = _class(sdk.key)
    wish = f"{wish}Client" if wish in _OURS | _GLOBALS or not wish.isascii() else wish
    return names.scope("client", [("client", wish)], reserved=KEYWORDS | _GLOBALS | _OURS, valid=_valid)["client"]


def _methods(sdk: Sdk, names: Names) -> tuple[dict[str, str], dict[str, str]]:
    reserved = KEYWORDS | _CLIENT | _OBJECT | _OURS | _GLOBALS
    wishes = [(one.key, _variable(one.id.raw, reserved)) for one in sdk.operations]
    pages = [one for one in sdk.operations if one.pages is not None]
    wishes += [(f"{one.key} pages", f"iterate{_class(one.id.raw)}") for one in pages]
    found = names.scope("methods", wishes, reserved=reserved, valid=_valid, free=_joined)
    return {one.key: found[one.key] for one in sdk.operations}, {one.key: found[f"{one.key} pages"] for one in pages}


def _variable(wish: str, reserved: Collection[str]) -> str:
    name = camel(wish)
    return f"{name}_" if name in reserved else name


def _values(enumeration: Enumeration, names: Names) -> tuple[str, ...]:
    keys = [value.raw if isinstance(value, Untrusted) else str(value) for value in enumeration.values]
    wishes = {key: _class(name.raw) for key, name in zip(keys, enumeration.names, strict=True)}
    found = names.scope(f"values {enumeration.key}", wishes.items(), reserved=_OBJECT, valid=_valid, free=_joined)
    return tuple(found[key] for key in keys)


def _arguments(operation: Operation, names: Names, spread: Collection[str]) -> dict[str, str]:
    """Arguments of an operation. `body` is reserved, whether or not this one has it."""
    reserved = {"body", "constructor", "toString", *spread}
    wishes = [(one.key, _variable(one.name.raw, {"body"})) for one in operation.parameters]
    return names.scope(f"arguments {operation.key}", wishes, reserved=reserved, valid=_valid, free=_joined)


def spreads(sdk: Sdk) -> dict[str, tuple[str, ...]]:
    """The operations whose body's properties are arguments, with their names: where none meets another argument's."""
    declared: Mapping[str, Declared] = sdk.declared()
    found = {}
    for one in sdk.operations:
        record = declared.get(one.body.spread) if one.body is not None and one.body.spread is not None else None
        if not isinstance(record, Record):
            continue
        fields = tuple(field.key.raw for field in record.fields)
        taken = {"body", "__proto__", *(_variable(each.name.raw, {"body"}) for each in one.parameters)}
        if taken.isdisjoint(fields):
            found[one.key] = fields
    return found
