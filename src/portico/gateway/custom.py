"""Validators of the project's own: Connexion's `validator_map`.

They are written against Connexion's interface, which makes one for every request. Only operations of APIs that ask for
them go this way. As in Connexion, a kind of validator that the project brings takes the place of ours: what its map
does not name is not checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from connexion.datastructures import MediaTypeDict
from connexion.utils import is_nullable
from starlette.responses import Response

from portico.gateway import media
from portico.gateway.body import limited_stream
from portico.gateway.exchange import Exchange
from portico.gateway.problems import UnsupportedMediaType
from portico.gateway.reply import Replies, Reply
from portico.gateway.schema import Validator, Validators

if TYPE_CHECKING:
    from portico.design.model import Direction, Schema
    from portico.gateway.connexion_operation import ConnexionOperation
    from portico.gateway.pipeline import Options, Step


class Unchecked(Validators):
    """Validators that let everything pass, where the project's own have looked already."""

    def compile(self, schema: Schema, direction: Direction, *, masked: bool = False) -> Validator:
        """The same for every schema."""
        return _Anything()


class _Anything:
    def is_valid(self, instance: Any) -> bool:
        return True

    def iter_errors(self, instance: Any) -> Iterator[Any]:
        return iter(())

    def validate(self, instance: Any) -> None:
        return None


def instead(options: Options, kind: str, ours: Validators) -> Validators:
    """Our validators, unless the project has its own of that kind.

    Args:
        options: of the API.
        kind: "parameter", "body" or "response".
        ours: what is compiled from the document.
    """
    return Unchecked() if kind in (options.validator_map or {}) else ours


def validation(
    connexion: ConnexionOperation, options: Options, ours: Step | None, security_query: frozenset[str]
) -> Step:
    """The project's own validators, then the step that reads.

    Args:
        connexion: the operation as Connexion knows it.
        options: of the API; `validator_map` is set.
        ours: the step that would run otherwise.
        security_query: query parameters that carry a credential.
    """
    own: Mapping[str, Any] = options.validator_map or {}
    parser = connexion.uri_parser_class(connexion.parameters, connexion.body_definition())
    bodies = MediaTypeDict(own.get("body", {}))

    async def validate(x: Exchange) -> None:
        if "parameter" in own:
            own["parameter"](
                connexion.parameters,
                uri_parser=parser,
                strict_validation=options.strict_validation,
                security_query_params=security_query,
            ).validate(x.scope)
        kind, charset = media.split(x.header(b"content-type") or next(iter(connexion.consumes), ""))
        if connexion.model.body is not None and kind in bodies:
            if charset is not None and charset not in media.CHARSETS:
                raise UnsupportedMediaType(f"{kind} in {charset}"[:100], connexion.consumes)
            validator = bodies[kind](
                schema=connexion.body_schema(kind),
                required=connexion.model.body.required,
                nullable=is_nullable(connexion.body_definition(kind)),
                encoding=charset or "utf-8",
                strict_validation=options.strict_validation,
                uri_parser=parser,
            )
            limited_stream(x, options.settings.server.body_limit)
            x.receive, x.scope = await validator.wrap_receive(x.receive, scope=x.scope)
            x.look_again()
        pending = ours(x) if ours is not None else None
        if pending is not None:
            await pending

    return validate


class CustomReplies(Replies):
    """Replies whose bodies are checked by the project's own validators."""

    def __init__(self, connexion: ConnexionOperation, options: Options, validators: Validators) -> None:
        super().__init__(connexion.model, validators, mode=options.validate_responses, jsonifier=options.jsonifier)
        self._connexion = connexion
        self._own = MediaTypeDict((options.validator_map or {})["response"])

    def of(self, x: Exchange) -> Reply | Response:
        """See `Replies.of`."""
        reply = super().of(x)
        kind, charset = media.split((reply.content_type if isinstance(reply, Reply) else None) or "")
        if isinstance(reply, Reply) and self._mode == "enforce" and kind in self._own:
            nullable = is_nullable(self._connexion.response_definition(reply.status))
            schema = self._connexion.response_schema(reply.status, kind)
            validator = self._own[kind](x.scope, schema=schema, nullable=nullable, encoding=charset or "utf-8")
            value = validator._parse(part for part in (reply.body,))
            if value is not None or not nullable:
                validator._validate(value)
        return reply


def replies(connexion: ConnexionOperation, options: Options, validators: Validators) -> Replies:
    """The step `reply` of an operation, checked by whoever is to check it."""
    if "response" in (options.validator_map or {}):
        return CustomReplies(connexion, options, instead(options, "response", validators))
    mode, jsonifier = options.validate_responses, options.jsonifier
    return Replies(connexion.model, validators, mode=mode, jsonifier=jsonifier)
