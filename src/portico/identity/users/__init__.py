"""The people of a pool: signing up and in, passwords, e-mail addresses, groups.

`Users` is imported when it is asked for: it queues mails, and mails are about people.
"""

from typing import TYPE_CHECKING

from portico.identity.users.model import User

if TYPE_CHECKING:
    from portico.identity.users.accounts import NewUser
    from portico.identity.users.service import Users

__all__ = ["NewUser", "User", "Users"]


def __getattr__(name: str) -> object:
    if name == "Users":
        from portico.identity.users.service import Users

        return Users
    if name == "NewUser":
        from portico.identity.users.accounts import NewUser

        return NewUser
    raise AttributeError(name)
