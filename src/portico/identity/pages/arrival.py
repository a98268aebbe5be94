"""What comes after a password, a code or a passkey was right."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from portico.identity.pages.desk import Desk
from portico.identity.pages.flow import Flow
from portico.identity.users.model import User


async def arrive(desk: Desk, request: Request, user: User, *, amr: tuple[str, ...], started_at: float) -> Response:
    """After the first factor: to the second one, to its set-up where that is required, or in.

    Args:
        desk: the collaborators.
        request: the form.
        user: whose first factor was right.
        amr: what was proved (RFC 8176).
        started_at: when they began to, in seconds since the epoch.
    """
    policy = desk.mfa.required_for(user)
    has_method = policy != "off" and (await desk.mfa.methods_of(user.id)).any
    if has_method or policy == "required":
        response = desk.go(request, "/mfa" if has_method else "/mfa/setup")
        step = Flow(
            step="second_factor" if has_method else "set_up", started_at=started_at, user_id=user.id, amr=amr
        )  # fmt: skip
        desk.flows.write(request, response, step)
        return response
    return await enter(desk, request, desk.redirect(desk.onward(request)), user, amr=amr, started_at=started_at)


async def enter(
    desk: Desk, request: Request, response: Response, user: User, *, amr: tuple[str, ...], started_at: float | None
) -> Response:
    """Sign somebody in, for whom everything was right. Forms and steps from before are void.

    Args:
        desk: the collaborators.
        request: the form.
        response: the answer, which takes the session along.
        user: who.
        amr: what was proved (RFC 8176).
        started_at: when they began to, in seconds since the epoch; None: just now, in one step.

    Raises:
        SignInVoid: the user was disabled, or signed out everywhere, meanwhile.
    """
    source = desk.source(request)
    await desk.sessions.begin(request, response, user, amr=amr, source=source, auth_time=started_at)
    desk.flows.clear(response)
    desk.forms.renew(response)
    return response
