"""Answers of operations."""

from __future__ import annotations

from collections.abc import Mapping

from portico.design.compare import content
from portico.design.compare.phrases import cut
from portico.design.compare.scope import Scope
from portico.design.compare.wording import reword
from portico.design.model import Direction, Operation, Parameter, Response

Responses = Mapping[str, Response]


def compare(scope: Scope, old: Operation, new: Operation) -> None:
    """Note what changed of the answers of an operation."""
    for status, response in old.responses.items():
        found = _match(status, new.responses)
        here = scope.inside(f"response {cut(status)}", response.at, found.at if found is not None else None)
        if found is not None:
            _compare(here, response, found)
        elif _is_success(status, old.responses):
            here.say("success-status-removed", f"The answer {cut(status)} is gone.")
        else:
            here.say("error-status-removed", f"The error {cut(status)} is not documented any more.")
    for status, response in new.responses.items():
        if status not in old.responses and not _is_detail(status, old.responses):
            here = scope.inside(f"response {cut(status)}", None, response.at)
            rule = "success-status-added" if _is_success(status, new.responses) else "error-status-added"
            here.say(rule, f"The {'answer' if rule[0] == 's' else 'error'} {cut(status)} is new.")


def _match(status: str, responses: Responses) -> Response | None:
    """The status itself, or the range that it is in."""
    return responses.get(status) or responses.get(f"{status[:1]}XX")


def _is_detail(status: str, responses: Responses) -> bool:
    """Whether a status was part of a range before."""
    return f"{status[:1]}XX" in responses and status != "default"


def _is_success(status: str, responses: Responses) -> bool:
    """Whether an answer is what clients hope for; `default` is an error, unless there is nothing else to hope for."""
    if status == "default":
        return not any(other[:1] in "123" for other in responses)
    return status[:1] in "123"


def _compare(scope: Scope, old: Response, new: Response) -> None:
    reword(scope, old, new, "description")
    _headers(scope, old.headers, new.headers)
    if old.content and not new.content:
        scope.say("response-body-removed", "The answer has no content any more.")
    elif new.content and not old.content:
        scope.say("response-body-added", "The answer has content now.")
    else:
        content.compare(scope, old.content, new.content, Direction.RESPONSE)


def _headers(scope: Scope, old: Mapping[str, Parameter], new: Mapping[str, Parameter]) -> None:
    after = {name.lower(): header for name, header in new.items()}
    for name, header in old.items():
        found = after.pop(name.lower(), None)
        here = scope.inside(f"header {cut(name)}", header.at, found.at if found is not None else None)
        if found is None:
            here.say("response-header-removed", "The header is gone.")
        else:
            _header(here, header, found)
    for header in after.values():
        scope.inside(f"header {cut(header.name)}", None, header.at).say("response-header-added", "The header is new.")


def _header(scope: Scope, old: Parameter, new: Parameter) -> None:
    if old.required != new.required:
        text = "always comes now" if new.required else "may be missing now"
        scope.say(f"response-header-{'required' if new.required else 'optional'}", f"The header {text}.")
    reword(scope, old, new, "description")
    scope.schema(old.schema, new.schema, Direction.RESPONSE)
