"""Security schemes as an SDK uses them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from portico.design.model import Api, Json, SecurityScheme
from portico.design.schemes import Auth, pool_of
from portico.sdkgen.plan.model import Need, Omission, Requirement, Scheme, SchemeKind
from portico.sdkgen.plan.sendable import is_sendable
from portico.sdkgen.untrusted import Untrusted

_FLOWS = ("authorizationCode", "implicit", "password")  # for people


def schemes(api: Api, auth: Auth) -> tuple[tuple[Scheme, ...], tuple[Omission, ...]]:
    """The schemes of a document, and what of them an SDK cannot do.

    Args:
        api: the design.
        auth: what the project declares: its pool gives tokens and credentials.
    """
    asked = _scopes(api)
    found = tuple(_scheme(scheme, asked.get(name, ()), auth) for name, scheme in sorted(api.security_schemes.items()))
    text = "The SDK cannot use this security scheme: give what it needs in headers."
    return found, tuple(Omission(one.name, text) for one in found if one.kind == "none")


def requirements(api: Api, operation_security: tuple[Mapping[str, tuple[str, ...]], ...]) -> tuple[Requirement, ...]:
    """The alternatives of an operation; those that name an unknown scheme are left out: nothing can satisfy them."""
    return tuple(
        tuple(Need(name, tuple(map(Untrusted, scopes))) for name, scopes in alternative.items())
        for alternative in operation_security
        if all(name in api.security_schemes for name in alternative)
    )


def _scopes(api: Api) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for operation in api.operations:
        for requirement in operation.security or ():
            for name, scopes in requirement.schemes.items():
                found.setdefault(name, set()).update(scopes)
    return {name: tuple(sorted(scopes)) for name, scopes in found.items()}


def _scheme(scheme: SecurityScheme, scopes: tuple[str, ...], auth: Auth) -> Scheme:
    kind = _kind(scheme)
    flow = next(_flows(scheme), {})
    pool = auth.pool if kind == "signed" else pool_of(scheme, auth)
    discovery = scheme.open_id_connect_url or (f"/auth/{pool}/.well-known/openid-configuration" if pool else None)
    return Scheme(
        key=scheme.name,
        name=Untrusted(scheme.name),
        kind=kind,
        location=scheme.location if kind == "key" else None,
        parameter=_text(scheme.parameter) if kind == "key" else None,
        discovery=_text(discovery) if kind in ("login", "client", "bearer", "signed") else None,
        authorization_url=_text(flow.get("authorizationUrl")),
        token_url=_text(flow.get("tokenUrl")),
        scopes=tuple(map(Untrusted, scopes)),
        description=Untrusted(scheme.description),
    )


def _kind(scheme: SecurityScheme) -> SchemeKind:
    if scheme.is_signed:
        return "signed"
    if scheme.type == "apiKey" and scheme.location and scheme.parameter:
        return "key" if is_sendable(scheme.location, scheme.parameter) else "none"
    if scheme.type == "http":
        return {"basic": "basic", "bearer": "bearer"}.get(scheme.scheme or "", "none")  # type: ignore[return-value]
    if scheme.type == "openIdConnect":
        return "login"
    if scheme.type == "oauth2":
        return "login" if any(flow in scheme.flows for flow in _FLOWS) else "client"
    return "none"


def _flows(scheme: SecurityScheme) -> Iterator[Mapping[str, Json]]:
    """The flows of a scheme, the best first."""
    for name in ("authorizationCode", "clientCredentials", "implicit", "password"):
        if name in scheme.flows:
            yield scheme.flows[name]


def _text(value: object) -> Untrusted | None:
    return Untrusted(value) if isinstance(value, str) and value else None
