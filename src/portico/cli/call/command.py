"""The command that calls one operation: made from the operation, then run."""

from __future__ import annotations

import inspect
import shlex
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import httpx2
import msgspec
import typer

from portico.cli import terminal
from portico.cli.call import answer, request
from portico.cli.call.options import Option, options_of
from portico.cli.call.request import Given
from portico.cli.root import ProjectOption
from portico.cli.terminal import word
from portico.config import Config
from portico.design.examples import example
from portico.design.model import Api, Direction, Operation
from portico.design.request import Request
from portico.errors import PorticoError
from portico.gateway.parameters import kinds
from portico.gateway.problems import Fault

_SAMPLE = 1_000  # characters of an example in the help
_PANEL = "Of this operation"
_PATIENCE = 60.0  # seconds: longer than the server's own limit for a handler
_SECRET = ("authorization", "cookie", "x-api-key", "proxy-authorization")


class CannotCall(PorticoError):
    """The server gives no answer."""


@dataclass(frozen=True, slots=True)
class Target:
    """The operation that is called."""

    api: Api
    operation: Operation
    settings: Config


@dataclass(frozen=True, slots=True)
class Common:
    """What every call may say."""

    body: str | None
    url: str | None
    header: list[str] | None
    as_json: bool
    no_check: bool
    verbose: bool


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
        _call(target, options, given, Common(**values))

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
    """


def _call(target: Target, options: Sequence[Option], given: Given, common: Common) -> None:
    draft = request.draft(target.operation, options, given, common.body, common.header or [])
    if draft.faults and not common.no_check:
        _show_faults(draft.faults, target)
        raise typer.Exit(1)
    status = _send(draft.request(target.api, target.operation), _origin(target, common.url), common)
    raise typer.Exit(1 if status >= 400 else 0)


def _show_faults(found: Sequence[Fault], target: Target) -> None:
    err = terminal.err()
    err.print(f"[bold red]Not sent:[/] it does not fit {word(target.api.name)} {word(target.operation.id)}.")
    for fault in found:
        detail = fault.as_json()["detail"]
        err.print(f"  {' '.join(filter(None, (word(fault.location), word(fault.pointer))))}: {word(detail)}")
    err.print("The server would answer 400. See --help; --no-check sends it as it is.", style="dim")


def _send(made: Request, origin: str, common: Common) -> int:
    """Send the request and show the answer.

    Returns:
        The status.
    """
    url = f"{origin}{made.url}"
    started = time.perf_counter()
    try:
        with (
            httpx2.Client(timeout=_PATIENCE) as client,
            client.stream(made.method, url, headers=dict(made.headers), content=made.content) as response,
        ):
            seconds = time.perf_counter() - started
            if common.verbose:
                _show_request(response.request)
            answer.show_status(response, seconds, verbose=common.verbose)
            answer.as_json(response, seconds) if common.as_json else answer.show(response)
            return int(response.status_code)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        reason = str(error) or type(error).__name__
        raise CannotCall(
            f"No answer from {url}: {reason}. Is `portico serve` running? If elsewhere: --url URL"
        ) from None


def _origin(target: Target, url: str | None) -> str:
    if url is not None:
        return url.rstrip("/")
    server = target.settings.server
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(server.host, server.host)  # noqa: S104
    return f"http://{host}:{server.port}"


def _show_request(sent: httpx2.Request) -> None:
    err = terminal.err()
    err.print(f"[dim]> {word(sent.method)} {word(sent.url)}[/]")
    for name, value in sent.headers.items():
        shown = "(hidden)" if name.lower() in _SECRET else word(value)
        err.print(f"[dim]> {word(name)}: {shown}[/]")
