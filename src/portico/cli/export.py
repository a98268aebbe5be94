"""`portico export`: a design for the tools of others."""

from __future__ import annotations

import enum
import sys
from pathlib import Path
from typing import Annotated

import typer

from portico.cli.root import ProjectOption, find
from portico.errors import PorticoError

app = typer.Typer(help="Write a design for the tools of others.", no_args_is_help=True)


class Version(enum.StrEnum):
    """What a document can be exported to."""

    V30 = "3.0"
    V31 = "3.1"


class CannotWrite(PorticoError):
    """The file that should hold the export cannot be written."""


@app.callback()
def _export() -> None:
    """Write a design for the tools of others."""


@app.command()
def openapi(
    api: Annotated[str, typer.Argument(metavar="API", help="The API: the document's name without suffix.")],
    version: Annotated[Version, typer.Option(help="The version of OpenAPI to write.")] = Version.V31,
    as_yaml: Annotated[bool, typer.Option("--yaml", help="Write YAML instead of JSON.")] = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to a file.")] = None,
    project: ProjectOption = None,
) -> None:
    """Write an API as one OpenAPI document in one piece, whatever version and however many files it was written in.

    \b
    Examples:
      portico export openapi concierge --version 3.0 > concierge.json
      portico export openapi shop --yaml -o shop.yaml
    """
    import msgspec
    import yaml

    from portico import config, design
    from portico.cli.lookup import find_api

    root = find(project)
    document = design.export(find_api(root, config.load(root), api), version.value)
    if as_yaml:
        text = yaml.dump(document, Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=120)
    else:
        text = msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotWrite(f"{output} cannot be written: {error.strerror}.") from None


def _dumper() -> type:
    """A YAML writer without anchors, which not every reader follows."""
    import yaml

    class Plain(yaml.CSafeDumper if hasattr(yaml, "CSafeDumper") else yaml.SafeDumper):  # type: ignore[misc]
        def ignore_aliases(self, data: object) -> bool:
            return True

    return Plain
