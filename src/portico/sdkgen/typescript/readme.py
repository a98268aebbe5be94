"""What the README shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from portico.sdkgen.plan import Operation, Scheme, Sdk
from portico.sdkgen.typescript import encode
from portico.sdkgen.typescript.examples import Call
from portico.sdkgen.typescript.methods import Method
from portico.sdkgen.typescript.names import Package

_ORIGIN = '"https://api.example"'
_WHAT: Mapping[str, tuple[str, str]] = {
    "key": ("an API key", '`apiKey: "..."`'),
    "basic": ("a user name and a password", "`basic: { username, password }`"),
    "bearer": ("a token", '`accessToken: "..."`, or a function that gives one'),
    "login": ("somebody who signs in (OpenID Connect, PKCE)", "`login()`; or `accessToken`, `tokens`"),
    "client": ("a program (client credentials)", "`clientId`, `clientSecret`"),
    "signed": ("a signature (AWS Signature Version 4)", "`credentials`; after `login()` nothing"),
    "none": ("something that this client cannot do", "what it needs, in `headers`"),
}
_NO_BODY = "The document gives GET or HEAD a body: `fetch` cannot send one."


def context(sdk: Sdk, package: Package, calls: Sequence[Call | None], methods: Sequence[Method]) -> dict[str, Any]:
    """What the template of the README shows.

    Args:
        sdk: the plan.
        package: what things are called.
        calls: the document's examples.
        methods: of the client.
    """
    operations = [
        {"name": method.name, "summary": one.summary, "call": _call(one, method, call)}
        for one, method, call in zip(sdk.operations, methods, calls, strict=True)
    ]
    key = next((one for one in sdk.schemes if one.kind == "key"), None)
    return {
        "package": package,
        "title": sdk.title or sdk.name,
        "description": encode.lines(sdk.description, 250),
        "document_version": sdk.document_version,
        "base_url": encode.literal(sdk.server) if sdk.server is not None else _ORIGIN,
        "login": any(scheme.kind == "login" for scheme in sdk.schemes),
        "options": ", { apiKey: process.env.API_KEY }" if key is not None and len(sdk.schemes) == 1 else "",
        "first": operations[0]["call"] if operations else "",
        "method": methods[0].name if methods else "operation",
        "schemes": [_scheme(scheme) for scheme in sdk.schemes],
        "iterators": [method.iterator for method in methods if method.iterator][:20],
        "operations": operations,
        "omissions": [*({"place": one.place, "text": one.text} for one in sdk.omissions), *_ours(sdk)],
    }


def _scheme(scheme: Scheme) -> dict[str, Any]:
    what, give = _WHAT[scheme.kind]
    return {"name": scheme.name, "what": what, "give": give}


def _call(one: Operation, method: Method, call: Call | None) -> str:
    """A call as people write it, with what comes of it."""
    source = call.source if call is not None else ("" if method.optional else "{ /* ... */ }")
    got = "" if method.result == "undefined" else "const result = "
    if one.result_kind in ("events", "jsonl"):
        return f"for await (const item of await client.{method.name}({source})) console.log(item);"
    return f"{got}await client.{method.name}({source});"


def _ours(sdk: Sdk) -> list[dict[str, Any]]:
    """What this language cannot express."""
    bodies = [one for one in sdk.operations if one.body is not None and one.method in ("GET", "HEAD")]
    cookies = any(each.location == "cookie" for one in sdk.operations for each in one.parameters)
    found: list[dict[str, Any]] = [
        {"place": f"{one.method} {encode.line(one.path)}", "text": _NO_BODY} for one in bodies
    ]
    if cookies or any(scheme.location == "cookie" for scheme in sdk.schemes):
        found.append({"place": "Cookie", "text": "Browsers let no page set cookies of a request; Node does."})
    return found
