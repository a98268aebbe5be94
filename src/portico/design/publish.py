"""The document as the world may see it."""

from __future__ import annotations

import re
from typing import Any

from portico.design.bundle import Document
from portico.design.model import METHODS, Api

_INTERNAL = re.compile(
    r"x-((apikey|basic|bearer|token)InfoFunc|tokenInfoUrl|scopeValidateFunc|(openapi|swagger)-router-controller"
    r"|amazon-apigateway-(?!authtype$).*)"  # how to sign is for callers to know
)


def unpack(api: Api) -> dict[str, Any]:
    """A copy of an API's document, in one piece."""
    return api.document.unpack() if isinstance(api.document, Document) else dict(api.document)


def published(api: Api, base_path: str) -> dict[str, Any]:
    """The document that `/specs` shows: one piece, in its own version, with the place where it is really served.

    What names this project's functions or another cloud's resources is left out: it tells attackers, not callers.

    Args:
        api: the design.
        base_path: where it is served: "" or "/shop/v1".
    """
    document = unpack(api)
    if api.dialect == "2.0":
        document["basePath"] = base_path or "/"
        document.pop("host", None)  # the page's own host and scheme are meant
        document.pop("schemes", None)
    else:
        document["servers"] = [{"url": base_path or "/"}]
        document.pop("$self", None)
        _forget_other_servers(document)
    _forget_internals(document)
    return document


def _forget_other_servers(document: dict[str, Any]) -> None:
    paths = document.get("paths")
    for item in paths.values() if isinstance(paths, dict) else ():
        if isinstance(item, dict):
            item.pop("servers", None)
            for method in METHODS:
                if isinstance(item.get(method), dict):
                    item[method].pop("servers", None)


def _forget_internals(document: dict[str, Any]) -> None:
    """From the document, its paths and operations, and its security schemes: where such extensions are read."""
    schemes = document.get("securityDefinitions", (document.get("components") or {}).get("securitySchemes"))
    holders: list[Any] = [document, *(schemes or {}).values()]
    paths = document.get("paths")
    for item in paths.values() if isinstance(paths, dict) else ():
        holders.append(item)
        holders.extend(item.values() if isinstance(item, dict) else ())
    for holder in holders:
        if isinstance(holder, dict):
            for key in [key for key in holder if _INTERNAL.fullmatch(key)]:
                del holder[key]
