"""What a normalised schema says of a value, beside the words about it: for those who make types of schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portico.design.merge import Node
from portico.design.model import ANNOTATIONS, target

_WORDS = ANNOTATIONS - {"$ref"} | {"xml", "externalDocs", "example"}


def said(node: Mapping[str, Any]) -> set[str]:
    """The keywords of a schema that tell what a value is."""
    return {keyword for keyword in node if keyword not in _WORDS and not keyword.startswith("x-")}


def says_nothing(branch: Node) -> bool:
    """Whether a branch of a choice tells no more than what is required, or what is not."""
    return isinstance(branch, bool) or not said(branch) - {"required", "not"}


def only_reference(node: Node) -> str | None:
    """The definition that a schema is, where it adds nothing but words; `allOf` is the old way to add these."""
    while isinstance(node, Mapping) and said(node) == {"allOf"}:
        parts = [part for part in node["allOf"] if not isinstance(part, Mapping) or said(part)]
        if len(parts) != 1 or not isinstance(parts[0], Mapping):
            return None
        node = parts[0]
    return target(node) if isinstance(node, Mapping) and said(node) == {"$ref"} else None


def is_nullable(node: Mapping[str, Any]) -> bool:
    """Whether `type` lists null beside something else."""
    return isinstance(node.get("type"), list) and "null" in node["type"]
