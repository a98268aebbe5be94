"""What things are called in Python: idiomatic, and never what the language or the generated code needs itself."""

from __future__ import annotations

import keyword
import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from portico.design import names as pythonic
from portico.sdkgen.names import Names
from portico.sdkgen.plan import Declared, Enumeration, Operation, Record, Sdk
from portico.sdkgen.untrusted import Untrusted

_ANNOTATIONS = frozenset(("bool", "bytes", "dict", "dt", "float", "int", "list", "models", "operations", "str"))
_KEYWORDS = frozenset((*keyword.kwlist, "self"))
_MODEL = frozenset(("additional", "from_dict", "from_json", "replace", "to_dict", "to_json"))
_CLIENT = frozenset(("close", "login", "logout", "raw", "signed_in", "mro", "annotations", "overload"))
_TYPES = frozenset(
    (
        *keyword.kwlist, "ABSENT", "Absent", "Any", "ClassVar", "Decimal", "Literal", "Mapping", "Model", "OpenInt",
        "OpenStr", "READ_ONLY", "Sequence", "TypeAlias", "UUID", "Unknown", "Upload", "annotations", "dt",
        "any", "binary", "str", "bool", "null", "int", "float", "decimal", "date", "datetime", "uuid", "bytes",
    )
)  # fmt: skip
_EXPORTED = frozenset(
    (
        *keyword.kwlist, "ABSENT", "Absent", "Credentials", "CallEvent", "Download", "Event", "EventStream", "File",
        "FileTokenStore", "Hooks", "HttpxTransport", "LineStream", "MemoryTokenStore", "Model", "Options", "Response",
        "Retries", "Tokens", "Unknown", "AsyncDownload", "AsyncEventStream", "AsyncLineStream",
        "Any", "AsyncClient", "AsyncIterator", "Client", "Decimal", "Iterator", "Literal", "Mapping", "Sequence",
        "UUID", "Upload",
    )
)  # fmt: skip
_CONSTANTS = frozenset((*keyword.kwlist, "known", "read"))
_MODULES = frozenset(sys.stdlib_module_names) | {"anyio", "httpx", "tests", "src"}


def _normal(name: str) -> str:
    """As Python itself compares identifiers (PEP 3131)."""
    return unicodedata.normalize("NFKC", name)


def _valid(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name) and _normal(name) == name and not name.startswith("__")


def snake(name: str) -> str:
    """As variables and methods are called."""
    return _normal(pythonic.snake(name))


def _plain(name: str, limit: int = 100) -> str:
    """A wish that is not too long to be read."""
    return name[:limit].rstrip("_") or "unnamed"


@dataclass(frozen=True, slots=True)
class Package:
    """What one package calls things. Keys are those of the plan."""

    project: str  # as installers know it
    module: str  # as programs import it
    client: str
    types: Mapping[str, str]
    fields: Mapping[str, Mapping[str, str]]  # by the key of the type, then by the name on the wire
    values: Mapping[str, tuple[str, ...]]  # by the key of the type, in the order of its values
    methods: Mapping[str, str]
    iterators: Mapping[str, str]
    arguments: Mapping[str, Mapping[str, str]]  # by the key of the operation: "query:maxPrice", "property:name", "body"


def name_all(sdk: Sdk, names: Names) -> Package:
    """Names for everything.

    Args:
        sdk: what to name.
        names: what was called something before, and is called the same again.
    """
    project = re.sub(r"[^a-z0-9]+", "-", sdk.key.lower()).strip("-") or "api"
    types = names.scope(
        "types",
        [(one.key, _class(one.wish.raw)) for one in sdk.types],
        reserved=_TYPES,
        valid=_valid,
        free=_joined,
        same=_normal,
    )
    methods, iterators = _methods(sdk, names)
    declared = sdk.declared()
    records = [one for one in sdk.types if isinstance(one, Record)]
    return Package(
        sdk.package or project,
        _module(sdk, project, names),
        _client(sdk, names),
        types,
        {one.key: _fields(one, names) for one in records},
        {one.key: _values(one, names) for one in sdk.types if isinstance(one, Enumeration)},
        methods,
        iterators,
        {one.key: _arguments(one, declared, names) for one in sdk.operations},
    )


def _module(sdk: Sdk, project: str, names: Names) -> str:
    wish = project.replace("-", "_")
    wish = f"api_{wish}" if wish[0].isdigit() else wish
    wish = f"{wish}_api" if wish in _MODULES or keyword.iskeyword(wish) or keyword.issoftkeyword(wish) else wish
    found = names.scope(
        "package", [("module", wish)], reserved=_MODULES, valid=lambda name: _valid(name) and name.isascii()
    )
    return found["module"]


def _client(sdk: Sdk, names: Names) -> str:
    wish = _class(sdk.key)
    wish = wish if wish.isascii() else "ApiClient"
    wish = f"Api{wish[1:]}" if wish.startswith("_") else wish
    wish = f"{wish}Client" if wish in _EXPORTED else wish
    return names.scope("client", [("client", wish)], reserved=_EXPORTED, valid=_valid)["client"]


def _class(wish: str) -> str:
    return _normal(_plain(pythonic.class_name(wish[:300])))


def _joined(wish: str, count: int) -> str:
    return f"{wish}{count}" if not wish[-1:].isdigit() else f"{wish}_{count}"


def _variable(wish: str, reserved: Iterable[str]) -> str:
    name = _plain(snake(wish[:300]))
    return f"{name}_" if name in _KEYWORDS or name in _ANNOTATIONS or name in reserved else name


def _methods(sdk: Sdk, names: Names) -> tuple[dict[str, str], dict[str, str]]:
    wishes = [(one.key, _variable(one.id.raw, _CLIENT)) for one in sdk.operations]
    pages = [one for one in sdk.operations if one.pages is not None]
    wishes += [(f"{one.key} pages", f"iterate_{_plain(snake(one.id.raw[:300]))}") for one in pages]
    found = names.scope("methods", wishes, reserved=_KEYWORDS | _CLIENT | _ANNOTATIONS, valid=_is_public, same=_normal)
    return {one.key: found[one.key] for one in sdk.operations}, {one.key: found[f"{one.key} pages"] for one in pages}


def _is_public(name: str) -> bool:
    """Names with an underscore at their front are the client's own, but for those that a digit needs."""
    return _valid(name) and (not name.startswith("_") or name == "_" or not name[1].isalpha())


def _fields(record: Record, names: Names) -> dict[str, str]:
    wishes = [(field.key.raw, _variable(field.key.raw, _MODEL)) for field in record.fields]
    return names.scope(
        f"fields {record.key}", wishes, reserved=_KEYWORDS | _ANNOTATIONS | _MODEL, valid=_is_public, same=_normal
    )


def _values(enumeration: Enumeration, names: Names) -> tuple[str, ...]:
    pairs = zip(enumeration.values, enumeration.names, strict=True)
    keys = [value.raw if isinstance(value, Untrusted) else str(value) for value in enumeration.values]
    wishes = [(key, _constant(name.raw)) for key, (_, name) in zip(keys, pairs, strict=True)]
    found = names.scope(
        f"values {enumeration.key}", dict(wishes).items(), reserved=_CONSTANTS, valid=_is_constant, same=_normal
    )
    return tuple(found[key] for key in keys)


def _constant(wish: str) -> str:
    name = _normal(_plain(snake(wish[:300])).upper())
    return name if name.isidentifier() and not keyword.iskeyword(name) and name == name.upper() else f"_{name}"


def _is_constant(name: str) -> bool:
    return _valid(name) and not hasattr(str, name) and not hasattr(int, name) and not name.endswith("_")


def _arguments(operation: Operation, declared: Mapping[str, Declared], names: Names) -> dict[str, str]:
    """Arguments of a method. What is always there is reserved, whether or not this operation has it."""
    wishes = [(one.key, _variable(one.name.raw, ("options", "body"))) for one in operation.parameters]
    if operation.body is not None and operation.body.spread is not None:
        record = declared[operation.body.spread]
        fields = record.fields if isinstance(record, Record) else ()
        wishes += [(f"property:{one.key.raw}", _variable(one.key.raw, ("options", "body"))) for one in fields]
    reserved = _KEYWORDS | _ANNOTATIONS | {"options", "body"}
    return names.scope(f"arguments {operation.key}", wishes, reserved=reserved, valid=_is_public, same=_normal)
