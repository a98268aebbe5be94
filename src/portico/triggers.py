"""What `auth/triggers.py` of a project imports.

    from portico.triggers import PreSignUp, Refused

    def pre_sign_up(event: PreSignUp) -> None:
        if not event.email.endswith("@example.com"):
            raise Refused("Only people of example.com have accounts here.")

Every trigger: docs/guides/users.md.
"""

from portico.identity.triggers import (
    CustomMessage,
    Message,
    MigratedUser,
    MigrateUser,
    PostConfirmation,
    PreSignUp,
    PreToken,
    Refused,
    TokenChanges,
)
from portico.identity.users.model import User
from portico.secret import Secret

__all__ = [
    "CustomMessage",
    "Message",
    "MigrateUser",
    "MigratedUser",
    "PostConfirmation",
    "PreSignUp",
    "PreToken",
    "Refused",
    "Secret",
    "TokenChanges",
    "User",
]
