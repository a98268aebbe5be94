"""Families of schemas: those that extend another by `allOf`, where that one has a discriminator."""

from __future__ import annotations

from collections.abc import Mapping

from portico.design.merge import Node
from portico.design.model import target


def descendants(nodes: Mapping[str, Node]) -> dict[str, dict[str, str]]:
    """Of each schema with a discriminator and no choice: the value of it -> the name of the schema that it chooses.

    Args:
        nodes: the definitions.
    """
    children: dict[str, list[str]] = {}
    for name, node in nodes.items():
        for part in node.get("allOf", ()) if isinstance(node, Mapping) else ():
            parent = target(part)
            if parent is not None:
                children.setdefault(parent, []).append(name)
    return {name: found for name in nodes if (found := _family(name, nodes, children))}


def _family(name: str, nodes: Mapping[str, Node], children: Mapping[str, list[str]]) -> dict[str, str]:
    node = nodes[name]
    if not isinstance(node, Mapping) or "discriminator" not in node or "oneOf" in node or "anyOf" in node:
        return {}
    heirs: list[str] = []
    waiting = list(children.get(name, ()))
    while waiting:
        heir = waiting.pop(0)
        if heir not in heirs and heir != name:
            heirs.append(heir)
            waiting.extend(children.get(heir, ()))
    said = {ref: value for value, ref in node["discriminator"]["mapping"].items()}
    return {said.get(f"#/$defs/{heir}", heir): heir for heir in heirs}
