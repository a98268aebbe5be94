"""Rules about security: that it was decided, that it can be satisfied, and what is not honoured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from portico.design import keys, schemes
from portico.design.faults import Fault
from portico.design.model import Api, Location, Requirement, escape
from portico.design.schemes import AUTHORIZER, AUTHTYPE, Auth

AMAZON = "x-amazon-apigateway-"

HONOURED = frozenset(["authorizerResultTtlInSeconds"])
"""What Portico reads of every `x-amazon-apigateway-authorizer` on a security scheme."""
HONOURED_JWT = frozenset(["type", "jwtConfiguration"])
"""What it reads of those with `type: jwt`."""


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
    for at, requirement in _requirements(api):
        for name, scopes in requirement.schemes.items():
            yield Location(at.file, f"{at.pointer}/{escape(name)}"), name, scopes


def _requirements(api: Api) -> Iterator[tuple[Location, Requirement]]:
    """Every requirement, where it is written; the document's default once."""
    default = api.security
    file = api.files[0] if api.files else ""
    for index, requirement in enumerate(default or ()):
        yield Location(file, f"/security/{index}"), requirement
    for operation in api.operations:
        if operation.security is default or operation.at is None:
            continue
        for index, requirement in enumerate(operation.security or ()):
            yield Location(operation.at.file, f"{operation.at.pointer}/security/{index}"), requirement


def _scopes(flow: Mapping[str, object]) -> Iterator[str]:
    scopes = flow.get("scopes")
    if isinstance(scopes, Mapping):
        yield from scopes


def verified(api: Api, auth: Auth) -> Iterator[Fault]:
    """Somebody can verify what the required schemes ask for, and their scopes exist in the project's user pool."""
    required = list(_required(api))
    yield from schemes.check(api, auth, frozenset(name for _, name, _ in required))
    for at, name, scopes in required:
        scheme = api.security_schemes.get(name)
        for scope in schemes.unknown_scopes(scheme, scopes, auth) if scheme is not None else ():
            yield Fault("undeclared-scope", at, f"No resource server of auth/pool.yaml declares the scope {scope!r}.")
    if auth.plans:
        yield from keys.identified(api, _requirements(api))


def ignored(api: Api) -> Iterator[Fault]:
    """Each extension of Amazon API Gateway that does nothing here, told once."""
    counts: dict[str, int] = {}
    places: dict[str, Location] = {}
    for at, name, value in _extensions(api):
        honoured = _honoured(name, value)
        if isinstance(value, Mapping) and honoured & set(value):
            left = sorted(set(value) - honoured)
            if left:
                verb = "is" if len(honoured) == 1 else "are"
                message = f"Of {name}, only {', '.join(sorted(honoured))} {verb} honoured; not {', '.join(left)}."
                yield Fault("ignored-extension", at, message)
            continue
        if (name == AUTHTYPE and value == "awsSigv4") or name == keys.SOURCE:
            continue
        counts[name] = counts.get(name, 0) + 1
        places.setdefault(name, at)
    for name, count in counts.items():
        times = "" if count == 1 else f", here and in {count - 1} more places"
        yield Fault("ignored-extension", places[name], f"{name} is not honoured{times}.")


def _honoured(name: str, value: object) -> frozenset[str]:
    """The keys of an extension that have an effect here."""
    if name != AUTHORIZER or not isinstance(value, Mapping):
        return frozenset()
    return HONOURED | HONOURED_JWT if value.get("type") == "jwt" else HONOURED


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
