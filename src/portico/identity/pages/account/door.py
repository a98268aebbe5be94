"""Who may come in: whoever is signed in, and for what changes an account's protection, only if that was just now."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from portico.identity.pages.desk import Desk
from portico.identity.sessions import Session
from portico.identity.users.model import User

RECENT = 300.0  # seconds after a sign-in in which protected pages open


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody in their own account."""

    user: User
    session: Session


def recent(session: Session, now: float) -> bool:
    """Whether somebody proved just now who they are.

    Args:
        session: theirs.
        now: seconds since the epoch.
    """
    return now - session.auth_time <= RECENT


async def visitor(desk: Desk, request: Request, here: str, *, just_now: bool = False) -> Visitor | Response:
    """Who comes, or the way to the sign-in and back.

    Args:
        desk: the collaborators.
        request: theirs.
        here: the page, below the pool's path.
        just_now: whether the sign-in must be recent.
    """
    session = await desk.sessions.current(request)
    user = None if session is None else await desk.users.by_id(session.user_id)
    if session is not None and user is not None and (not just_now or recent(session, desk.pool.clock())):
        return Visitor(user, session)
    back = desk.returning.seal(f"{desk.pool.path}{here}")
    return desk.redirect(desk.renderer.link("/login", return_to=back, note="again" if user is not None else ""))
