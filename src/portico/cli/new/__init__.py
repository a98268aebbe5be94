"""`portico new`: a project to begin with."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from portico.errors import PorticoError

if TYPE_CHECKING:
    from portico.cli.new.adopt import Adopted


class FolderTaken(PorticoError):
    """A project is made in a new or empty folder only."""


class CannotMake(PorticoError):
    """The file system does not let the project be made."""


def new(
    name: Annotated[Path, typer.Argument(metavar="NAME", help="The folder to make; its last part names the project.")],
    design: Annotated[
        str | None,
        typer.Option("--from", metavar="FILE", help="An OpenAPI or Swagger document, JSON or YAML, to serve."),
    ] = None,
) -> None:
    """Make a project: the reference project, or one that serves a document you have.

    The document is copied into specs/ and checked. Rules that it breaks and that would keep it from being served are
    switched off in portico.toml, each with a reason, and named here.

    \b
    Examples:
      portico new shop
      portico new shop --from their-swagger.json
    """
    target = name.resolve()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise FolderTaken(f"{name} exists and is not an empty folder. Choose another name, or empty it first.")
    from portico.cli.terminal import err

    try:
        with err().status("Reading and checking the document ..." if design else "Copying ..."):
            adopted = _make(target, design)
    except OSError as error:
        raise CannotMake(f"{name} cannot be made: {error.strerror} ({error.filename}).") from None
    _say_what_next(name, adopted)


def _make(target: Path, design: str | None) -> Adopted | None:
    """Make the project aside and move it into place, so that a document with faults leaves nothing behind."""
    from portico.cli.new import adopt, starter

    adopted, is_new = None, not target.exists()
    target.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=target) as aside:
            draft = Path(aside) / target.name
            draft.mkdir()
            if design is None:
                starter.copy(draft)
            else:
                adopted = adopt.adopt(design, draft)
            for part in draft.iterdir():
                part.rename(target / part.name)
    except BaseException:
        if is_new:
            shutil.rmtree(target, ignore_errors=True)
        raise
    return adopted


def _say_what_next(name: Path, adopted: Adopted | None) -> None:
    from portico.cli.terminal import err, word

    say = err()
    say.print(f"[green]made[/] {word(name)}")
    if adopted is not None:
        say.print(f"  {adopted.document}: {word(adopted.title)}, {_counted(adopted.operations)}")
        for note in adopted.notes:
            say.print(f"  [yellow]note[/] {word(note)}")
    steps = [f"cd {name}", "portico stubs", "portico serve --reload"] if adopted else [f"cd {name}", "portico serve"]
    say.print("next:")
    for step in steps:
        say.print(f"  {word(step)}")


def _counted(operations: int) -> str:
    return f"{operations} operation{'' if operations == 1 else 's'}"
