"""A normalised schema (JSON Schema 2020-12) in the words of OpenAPI 3.1 or 3.0.

OpenAPI 3.0 cannot say everything: what it has no words for is left out, so that the export allows at least all that the
design allows.
"""

from __future__ import annotations

from typing import Any, Literal

from portico.design.direction import target
from portico.design.keywords import KEYWORDS, SINCE_31, Kind

Version = Literal["3.0", "3.1"]


def schema(node: Any, version: Version) -> Any:
    """The schema as that version writes it."""
    if isinstance(node, bool):
        return node if version == "3.1" else ({} if node else {"not": {}})
    result = {key: _value(key, value, version) for key, value in node.items()}
    if "$ref" in node:
        result["$ref"] = _reference(node["$ref"])
    if "discriminator" in node:
        result["discriminator"] = _discriminator(node["discriminator"])
    return result if version == "3.1" else _old(result)


def _value(key: str, value: Any, version: Version) -> Any:
    kind = KEYWORDS.get(key)
    if kind is Kind.SCHEMA:
        if key == "additionalProperties" and isinstance(value, bool):
            return value
        return schema(value, version)
    if kind is Kind.SCHEMAS:
        return [schema(item, version) for item in value]
    if kind is Kind.MAP:
        return {name: schema(item, version) for name, item in value.items()}
    return value


def _reference(reference: str) -> str:
    name = target({"$ref": reference})
    return f"#/components/schemas/{name}" if name is not None else reference


def _discriminator(node: dict[str, Any]) -> dict[str, Any]:
    mapping = {value: _reference(ref) for value, ref in node["mapping"].items()}
    return {"propertyName": node["propertyName"], **({"mapping": mapping} if mapping else {})}


def _old(node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        reference = {"$ref": node.pop("$ref")}
        if not node:
            return reference
        node["allOf"] = [reference, *node.get("allOf", ())]  # siblings of a reference are ignored in 3.0
    if "const" in node:
        node.setdefault("enum", [node["const"]])
    if node.get("examples"):
        node.setdefault("example", node["examples"][0])
    for key in ("exclusiveMinimum", "exclusiveMaximum"):
        _limit(node, key)
    _tuple(node)
    _encoded(node)
    _types(node)
    if "patternProperties" in node:
        node.pop("additionalProperties", None)
        del node["patternProperties"]
    for key in SINCE_31:
        node.pop(key, None)
    if node.get("type") == "array":
        node.setdefault("items", {})
    return node


def _limit(node: dict[str, Any], key: str) -> None:
    exclusive = node.pop(key, None)
    if exclusive is None:
        return
    plain = key.replace("exclusiveM", "m")
    inclusive = node.get(plain)
    tighter = max if plain == "minimum" else min
    if inclusive is None or tighter(inclusive, exclusive) == exclusive:
        node[plain], node[key] = exclusive, True


def _tuple(node: dict[str, Any]) -> None:
    items = node.pop("prefixItems", None)
    if items is None:
        return
    rest = node.get("items", {})
    if rest == {"not": {}}:
        node["maxItems"] = min(len(items), node.get("maxItems", len(items)))
        node["items"] = {"anyOf": items}
    else:
        node["items"] = {"anyOf": [*items, rest]} if rest else {}


def _encoded(node: dict[str, Any]) -> None:
    if "format" not in node and node.get("contentEncoding") == "base64":
        node["format"] = "byte"
    elif "format" not in node and node.get("contentMediaType") == "application/octet-stream":
        node["format"] = "binary"


def _types(node: dict[str, Any]) -> None:
    declared = node.get("type")
    names = [declared] if isinstance(declared, str) else list(declared or ())
    if "null" not in names and len(names) < 2:
        return
    others = [name for name in names if name != "null"]
    del node["type"]
    if not others:  # null and nothing else
        node.update(type="string", enum=[None])
    elif len(others) == 1:
        node["type"] = others[0]
    else:
        nullable = {"nullable": True} if "null" in names else {}
        choice: list[dict[str, Any]] = [
            {"type": name, **({"items": {}} if name == "array" else {}), **nullable} for name in others
        ]
        node["allOf"] = [*node.get("allOf", ()), {"anyOf": choice}]
        return
    if "null" in names:
        node["nullable"] = True
