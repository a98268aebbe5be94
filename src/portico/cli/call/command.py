"""The command that calls one operation: made from the operation."""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import msgspec
import typer

from portico.cli.call.options import Option, options_of
from portico.cli.call.send import Common, Target, send
from portico.cli.root import ProjectOption
from portico.cli.terminal import word
from portico.design.examples import example
from portico.design.model import Direction, Operation
from portico.gateway.parameters import kinds

_SAMPLE = 1_000  # characters of an example in the help
_PANEL = "Of this operation"


def command(target: Target | None) -> typer.Typer:
    """The command for one operation, or the general one where none was named."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    names = {"help_option_names": ["-h", "--help"]}
    app.command("call", context_settings=names, help=_help(target))(_function(target))
    return app


def _help(target: Target | None) -> str:
    if target is None:
        return inspect.cleandoc(every_call.__doc__ or "")
    operation = target.operation
    paragraphs = (operation.summary, operation.description)
    about = [word(paragraph) for text in paragraphs for paragraph in text.split("\n\n") if paragraph.strip()]
    return "\n\n".join(
        [f"{operation.method.upper()} {word(target.api.base_path + operation.path)}", *about, *_bodies(operation)]
    )


def _bodies(operation: Operation) -> Iterator[str]:
    """What may stand after `--body`: an example of each JSON body."""
    for media in operation.body.content.values() if operation.body is not None else ():
        if "json" in media.media_type and media.schema is not None:
            sample = msgspec.json.encode(example(media.schema, Direction.REQUEST)).decode()
            shown = sample if len(sample) <= _SAMPLE else f"{sample[:_SAMPLE]} ..."
            yield word(f"{media.media_type}: --body {shlex.quote(shown)}")


def _function(target: Target | None) -> Callable[..., None]:
    """A function with the keywords of `every_call` and one for each option, for Typer to read."""
    if target is None:
        return every_call
    options = options_of(target.operation)
    names = [f"option_{number}" for number in range(len(options))]

    def run(**values: Any) -> None:
        given = {option: texts for option, name in zip(options, names, strict=True) if (texts := values.pop(name))}
        for name in ("api", "operation", "project"):
            values.pop(name)
        raise typer.Exit(send(target, options, given, Common(**values)))

    api, operation, *common = inspect.signature(every_call, eval_str=True).parameters.values()
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=_annotation(option))
        for option, name in zip(options, names, strict=True)
    ]
    run.__signature__ = inspect.Signature([api, operation, *added, *common])  # type: ignore[attr-defined]
    run.__annotations__ = {}
    return run


def _annotation(option: Option) -> Any:
    about = f"{'Required. ' if option.required else ''}{option.description}"
    kind = "@FILE" if option.is_file else "|".join(sorted(kinds(option.schema))) or "value"
    metavar = f"<{option.location} {kind}>"
    return Annotated[
        list[str] | None, typer.Option(*option.flags, help=word(about), metavar=metavar, rich_help_panel=_PANEL)
    ]


def every_call(
    api: Annotated[str, typer.Argument(help="The API: the document's name without suffix.", metavar="API")],
    operation: Annotated[str, typer.Argument(help="Its operationId, or that in snake case.", metavar="OPERATION")],
    *,
    body: Annotated[
        str | None, typer.Option("--body", "-b", metavar="JSON|@FILE|-", help="The body; `-` reads standard input.")
    ] = None,
    url: Annotated[
        str | None, typer.Option("--url", "-u", help="Where the server is; else host and port of portico.toml.")
    ] = None,
    header: Annotated[
        list[str] | None, typer.Option("--header", "-H", metavar="'NAME: VALUE'", help="One more header; repeatable.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print status, headers and body as one JSON value.")] = False,
    sign: Annotated[
        bool, typer.Option("--sign", help="Sign it (AWS Signature Version 4), with AWS_* or credentials made here.")
    ] = False,
    as_user: Annotated[
        str | None, typer.Option("--as", metavar="USER", help="As this user: with a token, or signed with --sign.")
    ] = None,
    role: Annotated[
        str | None, typer.Option("--role", metavar="ROLE", help="Sign it with temporary credentials of this role.")
    ] = None,
    token: Annotated[str | None, typer.Option("--token", metavar="TOKEN|@FILE", help="Send this bearer token.")] = None,
    no_check: Annotated[bool, typer.Option("--no-check", help="Send it even if it breaks the document.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show the headers of both directions.")] = False,
    project: ProjectOption = None,
) -> None:
    """Call an operation of a running server by its name.

    Its parameters and form fields are options: `portico call API OPERATION --help` lists them. Everything is checked
    against the document before it is sent. The answer goes to standard output, status and time to standard error.
    Exit status 1 if it breaks the document or the answer is an error, 2 if there is no answer.

    \b
    Examples:
      portico call concierge sendMessage --help
      portico call concierge getProduct --product-id tulips
      portico call messages answerMessage --body '{"text": "Hello"}'
      portico call messages answerMessage --body @hello.json --url https://api.example.com
      portico call concierge sendMessage --message tulips --sign
      portico call concierge sendMessage --message tulips --as ada
    """
