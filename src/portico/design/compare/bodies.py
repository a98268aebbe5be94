"""Bodies of requests."""

from __future__ import annotations

from portico.design.compare import content
from portico.design.compare.scope import Scope
from portico.design.compare.wording import reword
from portico.design.model import Body, Direction


def compare(scope: Scope, old: Body | None, new: Body | None) -> None:
    """Note what changed of the body of an operation."""
    here = scope.inside("request body", old.at if old is not None else None, new.at if new is not None else None)
    if old is not None and new is not None:
        _compare(here, old, new)
    elif new is not None:
        rule = "required-request-body-added" if new.required else "request-body-added"
        here.say(rule, f"The operation takes a body now{', which is required' if new.required else ''}.")
    elif old is not None:
        here.say("request-body-removed", "The operation takes no body any more.")


def _compare(scope: Scope, old: Body, new: Body) -> None:
    if old.required != new.required:
        now = "required" if new.required else "optional"
        scope.say(f"request-body-{now}", f"The body is {now} now.")
    reword(scope, old, new, "description")
    content.compare(scope, old.content, new.content, Direction.REQUEST)
