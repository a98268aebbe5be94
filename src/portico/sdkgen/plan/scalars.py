"""Values without parts: what `type` and `format` make of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portico.sdkgen.plan.model import Anything, Binary, Scalar, ScalarKind, TypeRef

_EXACT = 2**53  # the first whole number from which a double skips some
_STRINGS: dict[str, ScalarKind] = {
    "date": "date",
    "date-time": "datetime",
    "datetime": "datetime",
    "uuid": "uuid",
    "byte": "bytes",
    "base64": "bytes",
}
_LONG = frozenset(("int64", "uint64", "long", "bigint", "biginteger"))
_DECIMAL = frozenset(("decimal", "bigdecimal", "decimal128", "money"))


def scalar(kind: str, node: Mapping[str, Any]) -> TypeRef:
    """The type of a value of one JSON type that is neither array nor object.

    Args:
        kind: the JSON type; anything else is any value.
        node: the schema that names it.
    """
    form = str(node.get("format", "")).lower()
    if kind == "string":
        return _string(form, node)
    if kind == "integer":
        return Scalar("int64" if form in _LONG or _is_large(node) else "integer")
    if kind == "number":
        return Scalar("decimal" if form in _DECIMAL else "number")
    if kind == "boolean":
        return Scalar("boolean")
    return Scalar("null") if kind == "null" else Anything()


def _string(form: str, node: Mapping[str, Any]) -> TypeRef:
    encoding = str(node.get("contentEncoding", "")).lower()
    if form == "binary" or (encoding == "" and "contentMediaType" in node and not form):
        return Binary()
    if encoding == "base64":
        return Scalar("bytes")
    if form in _DECIMAL:
        return Scalar("decimal", text=True)
    if form in _LONG:
        return Scalar("int64", text=True)
    return Scalar(_STRINGS.get(form, "string"))


def _is_large(node: Mapping[str, Any]) -> bool:
    bounds = [node.get(key) for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")]
    return any(isinstance(bound, int | float) and abs(bound) > _EXACT for bound in bounds)
