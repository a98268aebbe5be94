"""An operation, compiled: everything that can be decided once is decided here, at start.

What remains for a request is a list of named steps, read top to bottom:

    context -> attempts -> authenticate -> key -> throttle -> authorise -> negotiate -> validate -> call -> reply

Routing and CORS come before, since they do not depend on the operation. An operation has only the steps that it needs.
A step returns None when it is done, or something to await.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connexion.context import _context as context_variables
from connexion.context import _operation as operation_variable
from connexion.context import _receive as receive_variable
from connexion.context import _scope as scope_variable
from connexion.exceptions import ResolverError
from connexion.resolver import Resolver

from portico.config import Config, Mode
from portico.design.model import Api, Operation
from portico.errors import NotWritten
from portico.gateway import custom
from portico.gateway.authenticate import Authenticator, Schemes
from portico.gateway.binding import CustomParameters, Names, Parameters
from portico.gateway.body import BodyReader, Limits
from portico.gateway.call import Call, Handler, Signature
from portico.gateway.connexion_operation import ConnexionOperation
from portico.gateway.exchange import Exchange
from portico.gateway.mock import MockResponder
from portico.gateway.problems import BadRequest, Fault, HandlerNotWritten
from portico.gateway.reply import Replies
from portico.gateway.schema import Validators
from portico.observe import Metrics, Tally

if TYPE_CHECKING:
    from portico.gateway.attempts import Attempts
    from portico.gateway.authority import Authority

Step = Callable[[Exchange], Awaitable[None] | None]


@dataclass(frozen=True, slots=True)
class Options:
    """How one API is compiled: Connexion's options of `add_api`, and the project's configuration."""

    settings: Config
    resolver: Resolver
    resolver_error: int | None = None
    pythonic_params: bool = False
    strict_validation: bool = False
    validate_responses: Mode = "enforce"
    uri_parser_class: Any = None
    validator_map: Mapping[str, Any] | None = None
    security_map: Mapping[str, Any] | None = None
    jsonifier: Any = None
    auth_all_paths: bool = False
    mock: bool = False


class Shared:
    """What the operations of one API have in common."""

    def __init__(self, authority: Authority | None = None, attempts: Attempts | None = None) -> None:
        self.validators = Validators()
        self.schemes = Schemes(authority, attempts)


class CompiledOperation:
    """One operation, ready to run."""

    __slots__ = ("api", "connexion", "function", "model", "name", "replies", "routing", "run", "steps", "tally")

    def __init__(
        self,
        api: Api,
        model: Operation,
        connexion: ConnexionOperation,
        function: Handler,
        steps: dict[str, Step],
        replies: Replies,
        tally: Tally,
        *,
        base_path: str,
    ) -> None:
        self.api = api
        self.model = model
        self.name = f"{api.name}.{model.id}"
        self.connexion = connexion
        self.function = function
        self.steps = steps  # by name, in the order in which they run
        self.run = tuple(steps.values())
        self.replies = replies
        self.tally = tally
        # what Connexion's routing tells middlewares: scope["extensions"]["connexion_routing"]
        self.routing = {"api_base_path": base_path, "operation_id": connexion.operation_id}


def compile_operation(
    api: Api, operation: Operation, options: Options, shared: Shared, metrics: Metrics, *, base_path: str
) -> CompiledOperation:
    """Compile an operation.

    Raises:
        ResolverError: there is no handler, and nothing was said about that.
        HandlerError: a security function, or the handler, cannot be used.
    """
    validators = shared.validators
    connexion = ConnexionOperation(api, operation, options.resolver, options.uri_parser_class)
    function = _handler(connexion, options)
    signature = Signature(function)
    names = Names(operation, signature, pythonic=options.pythonic_params)
    replies = custom.replies(connexion, options, validators)
    steps: dict[str, Step] = {"context": _context_of(connexion, base_path)}
    security_query = _secure(steps, api, operation, options, shared.schemes, base_path=base_path)
    steps["negotiate"] = replies.negotiate
    validate = _validation(connexion, options, validators, names, security_query)
    if validate is not None:
        steps["validate"] = validate
    timeout = options.settings.server.handler_timeout
    mock = MockResponder(api, operation) if options.mock else None
    steps["call"] = Call(
        function, signature, described=names.described, optional=names.optional, timeout=timeout, mock=mock
    )
    tally = metrics.tally(api.name, operation.id, operation.method.upper())
    return CompiledOperation(api, operation, connexion, function, steps, replies, tally, base_path=base_path)


def _secure(
    steps: dict[str, Step], api: Api, operation: Operation, options: Options, schemes: Schemes, *, base_path: str
) -> frozenset[str]:
    """Add the steps that decide who may call, and how often; gives the query parameters that are no operation's."""
    query: frozenset[str] = frozenset()
    authenticate: Authenticator | None = None
    if operation.security:
        if schemes.attempts is not None:
            steps["attempts"] = schemes.attempts.step
        steps["authenticate"] = authenticate = Authenticator(api, operation, options.security_map, schemes)
        query = authenticate.query_names
        if (identify := authenticate.identify()) is not None:
            steps["key"] = identify
    throttle = None if schemes.authority is None else schemes.authority.throttle
    if throttle is not None:
        steps["throttle"] = throttle.step(throttle.of(api, operation))
    if authenticate is not None and (authorise := authenticate.authorise(base_path)) is not None:
        steps["authorise"] = authorise
    return query


def _handler(connexion: ConnexionOperation, options: Options) -> Handler:
    try:
        return connexion.resolve().function  # type: ignore[no-any-return]
    except ResolverError as error:
        if options.mock:
            return _not_written
        if options.resolver_error is None:
            raise
        return _unresolved(options.resolver_error, str(error.args[0] if error.args else error))


async def _not_written(**_arguments: Any) -> None:
    raise NotWritten


def _context_of(connexion: ConnexionOperation, base_path: str) -> Step:
    """The step that makes `connexion.request` and its kin mean this exchange."""

    operation_id = connexion.operation_id

    def context(x: Exchange) -> None:
        if not x.wrapped:
            routing = {"api_base_path": base_path, "operation_id": operation_id}
            x.scope["extensions"]["connexion_routing"] = routing
        context_variables.set(x.context)
        operation_variable.set(connexion)
        receive_variable.set(x.replay)
        scope_variable.set(x.scope)

    return context


def _unresolved(status: int, detail: str) -> Handler:
    """What answers for a handler that Connexion's `resolver_error` allows to be missing."""

    async def unresolved(**_arguments: Any) -> None:
        problem = HandlerNotWritten(detail)
        problem.status = problem.status_code = status
        raise problem

    return unresolved


def _validation(
    connexion: ConnexionOperation,
    options: Options,
    validators: Validators,
    names: Names,
    security_query: frozenset[str],
) -> Step | None:
    """The step `validate`; None where a request has nothing to check."""
    operation, strict = connexion.model, options.strict_validation
    parameters: Parameters | CustomParameters
    looked = custom.instead(options, "parameter", validators)
    if options.uri_parser_class is None:
        parameters = Parameters(operation, names, looked, strict=strict, security_query=security_query)
    else:
        parser = options.uri_parser_class(connexion.parameters, connexion.body_definition())
        parameters = CustomParameters(operation, parser, names, looked, strict=strict, security_query=security_query)
    body: BodyReader | None = None
    if operation.body is not None and operation.method != "trace":
        server = options.settings.server
        limits = Limits(server.body_limit, server.body_timeout, server.body_timeout * 6)
        looked = custom.instead(options, "body", validators)
        body = BodyReader(operation.body, looked, names.body, limits=limits, strict=strict)
    step = _together(parameters, body)
    return custom.validation(connexion, options, step, security_query) if options.validator_map else step


def _together(parameters: Parameters | CustomParameters, body: BodyReader | None) -> Step | None:
    """Parameters and body, so that all faults of a request are told at once."""
    if body is None:
        return None if parameters.is_empty else lambda x: _raise(parameters(x))
    if parameters.is_empty:
        return body.read

    async def validate(x: Exchange) -> None:
        found = parameters(x)
        try:
            pending = body.read(x)
            if pending is not None:
                await pending
        except BadRequest as error:
            found.extend(error.faults)
        _raise(found)

    return validate


def _raise(found: list[Fault]) -> None:
    if found:
        raise BadRequest(found)
