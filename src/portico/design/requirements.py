"""Rules about security: that it was decided, that it can be satisfied, and what is not honoured."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from portico.design.faults import Fault
from portico.design.model import Api, Location, SecurityScheme, escape

AMAZON = "x-amazon-apigateway-"
HONOURED = frozenset(["authorizerResultTtlInSeconds"])
"""What Portico reads of `x-amazon-apigateway-authorizer` on a security scheme."""

_FUNCTIONS = {
    "apiKey": ("x-apikeyInfoFunc", "APIKEYINFO_FUNC"),
    "basic": ("x-basicInfoFunc", "BASICINFO_FUNC"),
    "bearer": ("x-bearerInfoFunc", "BEARERINFO_FUNC"),
    "oauth2": ("x-tokenInfoFunc", "TOKENINFO_FUNC"),
}
"""Connexion's extensions and environment variables that name the function which verifies a credential."""


def decided(api: Api) -> Iterator[Fault]:
    """Every operation says who may call it."""
    for operation in api.operations:
        if operation.security is None and operation.at is not None:
            title = f"{operation.method.upper()} {operation.path}"
            yield Fault("no-security-decision", operation.at, f"Nothing says who may call {title}.")


def defined(api: Api) -> Iterator[Fault]:
    """Required schemes and scopes exist."""
    for at, name, scopes in _required(api):
        scheme = api.security_schemes.get(name)
        if scheme is None:
            yield Fault("undefined-security-scheme", at, f"The security scheme {name!r} is not defined.")
        elif scheme.type == "oauth2" and scheme.flows:
            offered = {scope for flow in scheme.flows.values() for scope in _scopes(flow)}
            for scope in scopes:
                if scope not in offered:
                    yield Fault("undefined-scope", at, f"The scheme {name!r} does not offer the scope {scope!r}.")


def _required(api: Api) -> Iterator[tuple[Location, str, tuple[str, ...]]]:
    """Every scheme that is required, where it is written; the document's default once."""
    default = api.security
    file = api.files[0] if api.files else ""
    for index, requirement in enumerate(default or ()):
        for name, scopes in requirement.schemes.items():
            yield Location(file, f"/security/{index}/{escape(name)}"), name, scopes
    for operation in api.operations:
        if operation.security is default or operation.at is None:
            continue
        for index, requirement in enumerate(operation.security or ()):
            for name, scopes in requirement.schemes.items():
                pointer = f"{operation.at.pointer}/security/{index}/{escape(name)}"
                yield Location(operation.at.file, pointer), name, scopes


def _scopes(flow: Mapping[str, object]) -> Iterator[str]:
    scopes = flow.get("scopes")
    if isinstance(scopes, Mapping):
        yield from scopes


def resolvable(api: Api) -> Iterator[Fault]:
    """Somebody can verify what a required scheme asks for."""
    used = {name for _, name, _ in _required(api)}
    for name, scheme in api.security_schemes.items():
        if name in used and scheme.at is not None and not _verifiable(scheme):
            kind = f"{scheme.type} {scheme.scheme or ''}".strip()
            message = f"Nothing verifies the security scheme {name!r} ({kind}): calls that need it are denied."
            yield Fault("scheme-without-authoriser", scheme.at, message)


def _verifiable(scheme: SecurityScheme) -> bool:
    extension, variable = _FUNCTIONS.get((scheme.scheme or "") if scheme.type == "http" else scheme.type, ("", ""))
    return bool(
        (extension and scheme.extensions.get(extension))
        or (variable and os.environ.get(variable))
        or (scheme.type == "oauth2" and scheme.extensions.get("x-tokenInfoUrl"))
    )


def ignored(api: Api) -> Iterator[Fault]:
    """Each extension of Amazon API Gateway that does nothing here, told once."""
    counts: dict[str, int] = {}
    places: dict[str, Location] = {}
    for at, name, value in _extensions(api):
        if name == f"{AMAZON}authorizer" and isinstance(value, Mapping) and HONOURED & set(value):
            left = sorted(set(value) - HONOURED)
            if left:
                message = f"Of {name}, only {', '.join(sorted(HONOURED))} is honoured; not {', '.join(left)}."
                yield Fault("ignored-extension", at, message)
            continue
        counts[name] = counts.get(name, 0) + 1
        places.setdefault(name, at)
    for name, count in counts.items():
        times = "" if count == 1 else f", here and in {count - 1} more places"
        yield Fault("ignored-extension", places[name], f"{name} is not honoured{times}.")


def _extensions(api: Api) -> Iterator[tuple[Location, str, object]]:
    holders = [(Location(api.files[0] if api.files else "", ""), api.extensions)]
    holders += [(scheme.at, scheme.extensions) for scheme in api.security_schemes.values() if scheme.at is not None]
    for operation in api.operations:
        if operation.at is not None:
            holders.append((operation.at, operation.extensions))
    for at, extensions in holders:
        for name, value in extensions.items():
            if name.startswith(AMAZON):
                yield Location(at.file, f"{at.pointer}/{name}"), name, value
