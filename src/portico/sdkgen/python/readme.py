"""What the README shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from portico.sdkgen.plan import Scheme, Sdk
from portico.sdkgen.python import encode
from portico.sdkgen.python.examples import Call
from portico.sdkgen.python.methods import Method
from portico.sdkgen.python.names import Package

_ORIGIN = '"https://api.example"'
_WIDTH = 100  # characters of a call on one line
_WHAT: Mapping[str, tuple[str, str]] = {
    "key": ("an API key", '`api_key="..."`'),
    "basic": ("a user name and a password", '`basic=("user", "password")`'),
    "bearer": ("a token", '`access_token="..."`, or a function that gives one'),
    "login": ("somebody who signs in (OpenID Connect, PKCE)", "`login()`; or `access_token`, `tokens`"),
    "client": ("a program (client credentials)", '`client_id="..."`, `client_secret="..."`'),
    "signed": ("a signature (AWS Signature Version 4)", "`credentials=Credentials(...)`; after `login()` nothing"),
    "none": ("something that this client cannot do", "what it needs, in `headers`"),
}


def context(sdk: Sdk, package: Package, calls: Sequence[Call | None], methods: Sequence[Method]) -> dict[str, Any]:
    """What the template of the README shows.

    Args:
        sdk: the plan.
        package: what things are called.
        calls: the document's examples.
        methods: of the client.
    """
    operations = [
        {"name": method.name, "summary": one.summary, "call": written(method, call)}
        for one, method, call in zip(sdk.operations, methods, calls, strict=True)
    ]
    return {
        "description": encode.lines(sdk.description, 110),
        "document_version": sdk.document_version,
        "base_url": encode.literal(sdk.server) if sdk.server is not None else _ORIGIN,
        "login": any(scheme.kind == "login" for scheme in sdk.schemes),
        "first": operations[0]["call"] if operations else "",
        "method": operations[0]["name"] if operations else "operation",
        "schemes": [_scheme(scheme) for scheme in sdk.schemes],
        "iterators": [method.iterator for method in methods if method.iterator][:20],
        "operations": operations,
        "imports": _imports(operations),
        "omissions": sdk.omissions,
    }


def _imports(operations: Sequence[Mapping[str, Any]]) -> str:
    needed = {
        "dt.": "import datetime as dt",
        "Decimal(": "from decimal import Decimal",
        "UUID(": "from uuid import UUID",
    }
    found = [text for name, text in needed.items() if any(f"={name}" in one["call"] for one in operations)]
    return ", ".join(f"`{text}`" for text in found)


def _scheme(scheme: Scheme) -> dict[str, Any]:
    what, give = _WHAT[scheme.kind]
    return {"name": scheme.name, "what": what, "give": give}


def written(method: Method, call: Call | None) -> str:
    """A call as people write it, with what comes of it.

    Args:
        method: that is called.
        call: the document's example; None where there is none that works.
    """
    arguments = call.arguments if call is not None else ("...",)
    got = "" if method.returns == "None" else "result = "
    line = f"{got}client.{method.name}({', '.join(arguments)})"
    if len(line) > _WIDTH and len(arguments) > 0:
        line = f"{got}client.{method.name}(\n" + "".join(f"    {argument},\n" for argument in arguments) + ")"
    return line
