"""From a design to the plan of its SDK."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

from portico.design.model import Api
from portico.design.schemes import Auth
from portico.sdkgen.plan.model import Omission, Sdk
from portico.sdkgen.plan.operations import Operations
from portico.sdkgen.plan.security import schemes
from portico.sdkgen.plan.types import Types
from portico.sdkgen.untrusted import Untrusted

NOBODY = Auth()


def build(
    api: Api,
    *,
    version: str,
    auth: Auth = NOBODY,
    client_id: str | None = None,
    region: str = "us-east-1",
    license: str | None = None,
    changes: str = "",
) -> Sdk:
    """The plan of an API's SDK.

    Args:
        api: the design.
        version: of the SDK (SemVer).
        auth: what the project declares: its pool gives tokens and temporary credentials.
        client_id: of the application that the SDK signs people in as.
        region: to sign requests for.
        license: of the package, an SPDX identifier.
        changes: CHANGELOG.md.
    """
    types = Types(api.definitions)
    maker = Operations(api, types)
    operations = tuple(found for one in api.operations if (found := maker.make(one)) is not None)
    known, unusable = schemes(api, auth)
    return Sdk(
        key=api.name,
        name=Untrusted(api.name),
        title=Untrusted(api.title or api.name),
        description=Untrusted(api.description),
        version=version,
        document_version=Untrusted(api.version),
        base_path=Untrusted(api.base_path),
        server=_server(api),
        types=tuple(types.declared.values()),
        operations=operations,
        schemes=known,
        omissions=tuple(dict.fromkeys([*unusable, *types.omissions, *_conditions(api)])),
        client_id=client_id,
        region=region,
        license=license,
        changes=changes,
    )


def _server(api: Api) -> Untrusted | None:
    """The origin of the first server with one, if the base path is below it."""
    for server in api.servers:
        parts = urlsplit(server.url) if re.match(r"https?://", server.url) else None
        if parts is not None and parts.netloc:
            return Untrusted(urlunsplit((parts.scheme, parts.netloc, "", "", "")))
    return None


def _conditions(api: Api) -> list[Omission]:
    """Rules of schemas that no type can say: the server checks them."""
    text = "A condition of the schema (if, not, dependent...) is no part of the type: the server checks it."
    keywords = {"if", "not", "dependentSchemas", "dependentRequired", "contains", "unevaluatedProperties"}
    return [
        Omission(Untrusted(name), text)
        for name, schema in api.definitions.items()
        if isinstance(schema.node, dict) and not keywords.isdisjoint(schema.node)
    ]
