"""`portico sign`: a signed request as a curl command, or a presigned URL."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from portico.cli import terminal
from portico.cli.root import ProjectOption

if TYPE_CHECKING:
    from portico.signing import Credentials


def sign(
    method: Annotated[str, typer.Argument(help="GET, POST, ...", metavar="METHOD")],
    url: Annotated[str, typer.Argument(help="What is called.", metavar="URL")],
    *,
    body: Annotated[
        str | None, typer.Option("--body", "-b", metavar="TEXT|@FILE", help="The body; JSON unless a header says else.")
    ] = None,
    header: Annotated[
        list[str] | None, typer.Option("--header", "-H", metavar="'NAME: VALUE'", help="A header to sign; repeatable.")
    ] = None,
    presign: Annotated[
        int | None, typer.Option("--presign", metavar="SECONDS", help="Print a URL that is valid for so long.")
    ] = None,
    role: Annotated[
        str | None, typer.Option("--role", metavar="ROLE", help="Make temporary credentials of this role.")
    ] = None,
    as_user: Annotated[
        str | None, typer.Option("--as", metavar="USER", help="Make temporary credentials for this user.")
    ] = None,
    region: Annotated[
        str | None, typer.Option("--region", help="To sign for; else the project's, AWS_REGION, or us-east-1.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print method, URL and headers as JSON.")] = False,
    project: ProjectOption = None,
) -> None:
    """Print a signed request as a curl command (AWS Signature Version 4).

    Signs with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or with credentials made here for
    --role or --as. The command works for five minutes, a presigned URL for as long as --presign says.

    \b
    Examples:
      portico sign GET http://localhost:8000/concierge/v1/products --role visitor
      portico sign GET http://localhost:8000/concierge/v1/orders --as ada
      portico sign POST http://localhost:8000/messages/v1/messages --body '{"text": "Hello"}' --role visitor
      portico sign GET https://api.example.com/v1/report --presign 3600
    """
    import httpx2

    from portico.cli.call.caller import Caller, credentials
    from portico.cli.call.request import body_of, header_of

    found = credentials(_root(project), Caller(signed=True, user=as_user, role=role))
    url, verb = str(httpx2.URL(url)), method.upper()  # encoded as it will be sent
    sent = dict(header_of(text) for text in header or ())
    if body is not None and not any(name.lower() == "content-type" for name in sent):
        sent["content-type"] = "application/json"
    data = body_of(body) if body is not None else b""
    url, sent = _signed(verb, url, sent, data, found, region=region or _region(project), expires=presign)
    if as_json:
        terminal.json({"method": verb, "url": url, "headers": sent})
    else:
        typer.echo(url if presign is not None and not sent and verb == "GET" else curl(verb, url, sent, body))


def _signed(
    method: str,
    url: str,
    headers: dict[str, str],
    body: bytes,
    credentials: Credentials,
    *,
    region: str,
    expires: int | None,
) -> tuple[str, dict[str, str]]:
    """URL and headers, one of which carries the signature."""
    import time

    from portico import signing

    now = time.time()
    if expires is None:
        return url, signing.sign(method, url, headers, body, credentials, region=region, now=now)
    signed = signing.presign(
        method, url, credentials, region=region, now=now, expires=expires, headers=headers, body=body
    )
    return signed, headers


def curl(method: str, url: str, headers: Mapping[str, str], body: str | None) -> str:
    """The command that sends a request.

    Args:
        method: the verb, in upper case.
        url: what is called.
        headers: that are sent.
        body: text, or @FILE.
    """
    words = ["curl", "--globoff", *(["--head"] if method == "HEAD" else ["-X", method]), url]
    for name, value in headers.items():
        words += ["-H", f"{name}: {value}"]
    if body is not None:
        words += ["--data-binary", "@-" if body == "-" else body]
    return shlex.join(words)


def _root(project: Path | None) -> Path | None:
    from portico.cli.root import find, nearest

    return find(project) if project is not None else nearest()


def _region(project: Path | None) -> str:
    """The region of the project, else of the environment."""
    import os

    from portico import config

    root = _root(project)
    if root is not None:
        return config.load(root).signing.region
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or config.Signing().region
