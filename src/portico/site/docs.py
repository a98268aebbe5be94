"""The documentation of the APIs that run: a page that lists them at `/docs`, Swagger UI for each at `/docs/{api}`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.types import Receive, Scope, Send

from portico.design.model import Api
from portico.site import headers, specs
from portico.site.answer import Answer, Request, method_not_allowed, problem, redirect
from portico.site.content import Text, answer
from portico.site.docs_client import REDIRECT, DocsClient
from portico.site.static import StaticSite

PREFIX = "/docs"
EXPANDED = 60  # operations; of a longer API the groups are shown closed, since the browser draws each one

_HERE = Path(__file__).parent
_FOLDERS = ("assets", "swagger_ui")


class Docs:
    """An ASGI application that documents APIs. All its files are its own: nothing is fetched from elsewhere.

    What documents say (titles, descriptions) is shown as text and never as HTML. Swagger UI, set up as here, needs
    nothing inline, so its pages have the strict policy of every other.

    Args:
        apis: the APIs that run.
        client: as which people sign in there; None where they cannot.
    """

    def __init__(self, apis: Sequence[Api], *, client: DocsClient | None = None) -> None:
        self._files = [StaticSite(_HERE / name, prefix=f"{PREFIX}/{name}") for name in _FOLDERS]
        templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        entries = [_entry(api) for api in sorted(apis, key=lambda api: api.name)]
        self._pages = {PREFIX: _page(templates.get_template("index.html").render(apis=entries))}
        page = templates.get_template("api.html")
        for api, entry in zip(sorted(apis, key=lambda api: api.name), entries, strict=True):
            self._pages[f"{PREFIX}/{api.name}"] = _page(page.render(api=entry, apis=entries, client=client))
        if client is not None:
            self._pages[REDIRECT] = _page(templates.get_template("redirect.html").render())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path: str = scope["path"]
        for files in self._files:
            if path.startswith(f"{files.prefix}/"):
                await files(scope, receive, send)
                return
        request = Request.of(scope)
        await (await self._answer(request)).send(request, receive, send)

    async def _answer(self, request: Request) -> Answer:
        page = self._pages.get(request.path)
        if page is None:
            without_slash = request.path.rstrip("/")
            if without_slash in self._pages:
                return redirect(quote(without_slash), request.query)
            return problem(request, 404, "There is no API of that name.")
        if request.method not in ("GET", "HEAD"):
            return method_not_allowed(request)
        return await answer(request, page, [("cache-control", "no-cache"), *headers.security(page.media_type)])


def _entry(api: Api) -> dict[str, str | int]:
    """What the pages say of an API."""
    return {
        "name": api.name,
        "title": api.title or api.name,
        "version": api.version,
        "summary": _first_paragraph(api.description),
        "base_path": api.base_path or "/",
        "operations": len(api.operations),
        "page": f"{PREFIX}/{quote(api.name)}",
        "document": specs.address(api),
        "expansion": "list" if len(api.operations) <= EXPANDED else "none",
    }


def _first_paragraph(description: str) -> str:
    first = description.strip().partition("\n\n")[0].replace("`", "")  # Markdown's most frequent sign
    return first if len(first) <= 300 else f"{first[:300].rsplit(' ', 1)[0]} …"


def _page(html: str) -> Text:
    return Text(html.encode(), "text/html; charset=utf-8")
