"""Security schemes: what a credential is, how it travels, where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portico.design.compare.phrases import cut, shown
from portico.design.compare.scope import Scope
from portico.design.model import Api, SecurityScheme

_ADDRESSES = ("authorizationUrl", "tokenUrl", "refreshUrl", "deviceAuthorizationUrl")


def compare(scope: Scope, old: Api, new: Api) -> Mapping[str, str]:
    """Note what changed of the schemes that some operation required; gives those that have another name."""
    renamed: dict[str, str] = {}
    required = {name for one in old.operations for way in one.security or () for name in way.schemes}
    for name, scheme in old.security_schemes.items():
        if name not in required:
            continue
        found = new.security_schemes.get(name)
        if found is None:
            found = _renamed(scheme, old, new)
            if found is None:
                continue  # no operation can require it any more, and each says so
            renamed[name] = found.name
        here = scope.inside(f"security scheme {cut(name)}", scheme.at, found.at)
        if found.name != name:
            here.say("security-scheme-renamed", f"The scheme is called {cut(found.name)} now.")
        _compare(here, scheme, found)
    return renamed


def _renamed(scheme: SecurityScheme, old: Api, new: Api) -> SecurityScheme | None:
    """The only new scheme that asks for the same credential, sent the same way."""
    added = [other for name, other in new.security_schemes.items() if name not in old.security_schemes]
    alike = [other for other in added if _wire(other) == _wire(scheme)]
    return alike[0] if len(alike) == 1 else None


def _wire(scheme: SecurityScheme) -> dict[str, Any]:
    parameter = scheme.parameter or ""
    return {
        "type": scheme.type,
        "place": scheme.location,
        "name": parameter.lower() if scheme.location == "header" else parameter,
        "scheme": scheme.scheme,
        "signature": "AWS Signature Version 4" if scheme.is_signed else None,
    }


def _compare(scope: Scope, old: SecurityScheme, new: SecurityScheme) -> None:
    before, after = _wire(old), _wire(new)
    if before["place"] != after["place"] and before["name"].lower() == after["name"].lower():
        after["name"] = before["name"]  # only headers are read whatever their capitals
    for key, value in before.items():
        if after[key] != value:
            text = f"The {key} of the credential changes from {shown(value)} to {shown(after[key])}."
            scope.say("security-scheme-changed", text)
    if old.open_id_connect_url != new.open_id_connect_url and old.type == new.type:
        text = f"The issuer changes from {shown(old.open_id_connect_url)} to {shown(new.open_id_connect_url)}."
        scope.say("security-scheme-changed", text)
    if old.description != new.description:
        scope.say("description-changed", "The description reads differently.")
    if old.type == new.type:
        _flows(scope, old.flows, new.flows)


def _flows(scope: Scope, old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]) -> None:
    for name, flow in old.items():
        if name not in new:
            scope.say("security-flow-removed", f"The flow {cut(name)} is gone.")
            continue
        for key in _ADDRESSES:
            was, comes = flow.get(key), new[name].get(key)
            if was is not None and was != comes:
                scope.say("security-scheme-changed", f"The {key} of {cut(name)} changes to {shown(comes)}.")
    for name in new:
        if name not in old:
            scope.say("security-flow-added", f"The flow {cut(name)} is new.")
