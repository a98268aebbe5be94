"""Browsers that have signed in."""

from portico.identity.sessions.errors import SessionError, SignInVoid
from portico.identity.sessions.model import Session, Visit
from portico.identity.sessions.service import Sessions

__all__ = ["Session", "SessionError", "Sessions", "SignInVoid", "Visit"]
