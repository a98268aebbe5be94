"""Validators of the project's own: Connexion's `validator_map`.

They are written against Connexion's interface, which makes one for every request. Only operations of APIs that ask for
them go this way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from connexion.datastructures import MediaTypeDict
from connexion.utils import is_nullable

from portico.gateway import media
from portico.gateway.exchange import Exchange

if TYPE_CHECKING:
    from portico.gateway.connexion_operation import ConnexionOperation
    from portico.gateway.pipeline import Options, Step


def validation(connexion: ConnexionOperation, options: Options, ours: Step | None) -> Step:
    """The project's own validators, then ours: what those let pass still has to be read.

    Args:
        connexion: the operation as Connexion knows it.
        options: of the API; `validator_map` is set.
        ours: the step that would run otherwise.
    """
    own: Mapping[str, Any] = options.validator_map or {}
    parser = connexion.uri_parser_class(connexion.parameters, connexion.body_definition())
    bodies = MediaTypeDict(own.get("body", {}))

    async def validate(x: Exchange) -> None:
        if "parameter" in own:
            own["parameter"](
                connexion.parameters, uri_parser=parser, strict_validation=options.strict_validation
            ).validate(x.scope)
        kind, charset = media.split(x.header(b"content-type") or next(iter(connexion.consumes), ""))
        if connexion.model.body is not None and kind in bodies:
            validator = bodies[kind](
                schema=connexion.body_schema(kind),
                required=connexion.model.body.required,
                nullable=is_nullable(connexion.body_definition(kind)),
                encoding=charset or "utf-8",
                strict_validation=options.strict_validation,
                uri_parser=parser,
            )
            receive, x.scope = await validator.wrap_receive(x.receive, scope=x.scope)
            x.receive = receive
        pending = ours(x) if ours is not None else None
        if pending is not None:
            await pending

    return validate
