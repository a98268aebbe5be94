"""Operations as methods of a client."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from portico.design import model as design
from portico.sdkgen.plan import bodies, security
from portico.sdkgen.plan.exact import Exact
from portico.sdkgen.plan.examples import example
from portico.sdkgen.plan.model import (
    Answer,
    Anything,
    Binary,
    Body,
    Content,
    Literals,
    Nullable,
    Omission,
    Operation,
    Parameter,
    Scalar,
    TypeRef,
)
from portico.sdkgen.plan.pages import pages
from portico.sdkgen.plan.sendable import is_sendable
from portico.sdkgen.plan.types import Hint, Types
from portico.sdkgen.untrusted import Untrusted

_IDEMPOTENT = frozenset(("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "QUERY"))  # RFC 9110 section 9.2.2
_METHOD = re.compile(r"[A-Z][A-Z0-9_-]{0,39}")
_OURS = frozenset(("accept", "content-type", "authorization"))  # as parameters they say nothing (OpenAPI 3.2, 4.12)


class Operations:
    """Makes the operations of one API.

    Args:
        api: the design.
        types: that collects their types.
    """

    def __init__(self, api: design.Api, types: Types) -> None:
        self._api = api
        self._types = types
        self._exact = Exact(types)
        self._parameters: dict[int, tuple[design.Parameter, Parameter]] = {}
        self._answers: dict[int, tuple[design.Response, tuple[Content, ...]]] = {}

    def make(self, one: design.Operation) -> Operation | None:
        """An operation; None (and an omission) where no request can be made of it."""
        method = one.method.upper()
        place = Untrusted(f"{method} {one.path}")
        if not _METHOD.fullmatch(method) or method in ("CONNECT", "TRACE"):  # fetch forbids these two
            self._types.omissions.append(Omission(place, "No client may send this method."))
            return None
        parameters = self._all_parameters(one)
        body = self._body(one, parameters)
        answers = tuple(self._answer(status, one) for status in sorted(one.responses))
        result, kind = self._result(one, answers)
        return Operation(
            key=f"{method} {one.path}",
            id=Untrusted(one.id),
            method=method,
            path=Untrusted(one.path),
            parameters=parameters,
            body=body,
            answers=answers,
            result=result,
            result_kind=kind,  # type: ignore[arg-type]
            requirements=security.requirements(self._api, tuple(each.schemes for each in one.security or ())),
            summary=Untrusted(one.summary),
            description=Untrusted(one.description),
            deprecated=one.deprecated,
            idempotent=method in _IDEMPOTENT,
            idempotency_header=_idempotency(parameters),
            pages=pages(method, parameters, answers, result, self._types),
            server=_server(one.servers),
            unsigned_payload=one.extensions.get("x-portico-unsigned-payload") is True,
            nonce=one.extensions.get("x-portico-replay") == "nonce",
            exact_numbers=self._exact.in_answers(answers),
            example=example(one),
        )

    # --- what is sent --------------------------------------------------------------------------------------------

    def _all_parameters(self, one: design.Operation) -> tuple[Parameter, ...]:
        used = [each for each in one.parameters if self._is_sent(each, one)]
        found = [self._parameter(each, one) for each in used]
        missing = [name for name in re.findall(r"\{([^{}]+)\}", one.path) if not _has_path(found, name)]
        if missing:
            place = Untrusted(f"{one.method.upper()} {one.path}")
            text = "The document does not describe a parameter of the path: it is a text."
            self._types.omissions.append(Omission(place, text))
        return (*found, *(_undeclared(name) for name in dict.fromkeys(missing)))

    def _is_sent(self, each: design.Parameter, one: design.Operation) -> bool:
        if each.location not in ("header", "cookie"):
            return True
        if each.location == "header" and each.name.lower() in _OURS:
            return False
        if is_sendable(each.location, each.name) or (each.location == "cookie" and each.style != "cookie"):
            return True  # in the style `form` the names of cookies are percent-encoded
        place = Untrusted(f"{one.method.upper()} {one.path}: {each.name}")
        text = f"No client can send a {each.location} of that name as a parameter: it is left out."
        self._types.omissions.append(Omission(place, text))
        return False

    def _parameter(self, one: design.Parameter, operation: design.Operation) -> Parameter:
        known = self._parameters.get(id(one))
        if known is not None:
            return known[1]
        hint = Hint(f"{operation.id}({one.location}:{one.name})", f"{operation.id} {one.name}")
        found: TypeRef = self._types.ref(one.schema.node, hint)
        if found == Binary():
            found = Anything()
        made = Parameter(
            key=f"{one.location}:{one.name}",
            name=Untrusted(one.name),
            location=one.location,
            type=found,
            required=one.required or one.location == "path",
            style=one.style,
            explode=one.explode,
            allow_reserved=one.allow_reserved,
            json=one.media_type is not None,
            media_type=Untrusted(one.media_type) if one.media_type is not None else None,
            deprecated=one.deprecated,
            description=Untrusted(one.description),
            constant=found.values[0] if isinstance(found, Literals) and len(found.values) == 1 else None,
        )
        self._parameters[id(one)] = (one, made)
        return made

    def _body(self, one: design.Operation, parameters: Iterable[Parameter]) -> Body | None:
        if one.body is None or not one.body.content:
            return None
        hint = Hint(f"{one.id}(body)", f"{one.id} Body")
        found = bodies.contents(one.body.content, self._types, hint)
        sent = tuple(each for each in found if each.kind != "events") or found
        taken = [each.name.raw for each in parameters]
        return Body(
            one.body.required,
            sent,
            bodies.spread(sent, self._types, taken),
            Untrusted(one.body.description),
        )

    # --- what is answered ----------------------------------------------------------------------------------------

    def _answer(self, status: str, one: design.Operation) -> Answer:
        response = one.responses[status]
        if id(response) not in self._answers:
            hint = _hint(response, status, one)
            self._answers[id(response)] = (response, bodies.contents(response.content, self._types, hint))
        headers = tuple(self._parameter(header, one) for header in response.headers.values())
        return Answer(status, self._answers[id(response)][1], Untrusted(response.description), headers)

    def _result(self, one: design.Operation, answers: tuple[Answer, ...]) -> tuple[TypeRef | None, str]:
        good = [answer for answer in answers if answer.status.startswith("2")]
        good = good or [answer for answer in answers if answer.status == "default"]
        found = [answer.contents[0] for answer in good if answer.contents]
        if not found:
            return None, "none"
        kind = next((each.kind for each in found if each.kind == "json"), found[0].kind)
        kind = "binary" if kind in ("form", "multipart") else kind
        members = [each.type for each in found if each.kind == kind] or [Binary()]
        result = self._types.union(members, Hint(f"{one.id}(result)", f"{one.id} Result"))
        silent = any(not answer.contents for answer in good) and kind == "json"
        return (Nullable(result) if silent and not isinstance(result, Nullable | Anything) else result), kind


def _hint(response: design.Response, status: str, one: design.Operation) -> Hint:
    """A shared response gives its own name, whichever operation comes first."""
    pointer = response.at.pointer if response.at is not None else ""
    shared = re.fullmatch(r"/(?:components/)?responses/([^/]+)", pointer)
    if shared is not None:
        return Hint(f"responses/{shared[1]}", f"{shared[1]} Response")
    word = "Response" if status in ("200", "201") else f"Response {status}"
    return Hint(f"{one.id}({status})", f"{one.id} {word}")


def _has_path(parameters: Iterable[Parameter], name: str) -> bool:
    return any(one.location == "path" and one.name.raw == name for one in parameters)


def _undeclared(name: str) -> Parameter:
    return Parameter(
        key=f"path:{name}",
        name=Untrusted(name),
        location="path",
        type=Scalar("string"),
        required=True,
        style="simple",
        explode=False,
        allow_reserved=False,
        json=False,
        media_type=None,
        deprecated=False,
        description=Untrusted(""),
    )


def _idempotency(parameters: Iterable[Parameter]) -> Untrusted | None:
    """The header that names an attempt (the IETF's Idempotency-Key draft)."""
    headers = (one for one in parameters if one.location == "header")
    return next((one.name for one in headers if one.name.raw.lower() in ("idempotency-key", "x-idempotency-key")), None)


def _server(servers: tuple[design.Server, ...]) -> Untrusted | None:
    first = next(iter(servers), None)
    if first is None or not urlsplit(first.url).scheme.startswith("http"):
        return None
    return Untrusted(first.url.rstrip("/"))
