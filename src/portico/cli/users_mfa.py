"""`portico users reset-mfa`: for somebody who has lost every second factor."""

from __future__ import annotations

from typing import Annotated

import typer

from portico.cli.root import ProjectOption, find

app = typer.Typer()


@app.command("reset-mfa")
def reset_mfa(
    login: Annotated[str, typer.Argument(metavar="USER", help="The user name or the e-mail address.")],
    project: ProjectOption = None,
) -> None:
    """Take every second factor of somebody away: the app, the passkeys, the recovery codes.

    See to it that it is they who ask: whoever knows the password signs in with it alone afterwards. They get a mail.
    Where the pool requires a second factor, the next sign-in sets up a new one.

    \b
    Examples:
      portico users reset-mfa ada
    """
    import anyio

    from portico.cli import terminal
    from portico.identity.local import open_pool
    from portico.identity.service import Identity
    from portico.identity.source import LOCAL
    from portico.identity.users.errors import UserUnknown

    async def reset(identity: Identity) -> str:
        user = await identity.users.by_login(login)
        if user is None:
            raise UserUnknown(login)
        await identity.mfa.reset(user.id, LOCAL)
        return user.username

    with open_pool(find(project)) as identity:
        username = anyio.run(reset, identity)
    terminal.out().print(f"{terminal.word(username)} has no second factor now")
