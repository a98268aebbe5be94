"""The static site: the files of a folder, for browsers."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from urllib.parse import quote

from starlette.types import Receive, Scope, Send

from portico.site import headers
from portico.site.answer import Answer, Request, method_not_allowed, problem, redirect
from portico.site.content import File, Text, answer
from portico.site.folder import Folder, Found
from portico.site.shelf import Shelf

log = logging.getLogger("portico.site")

IN_MEMORY = 4_000_000  # bytes; a larger file is streamed from disk
SHELF = 32_000_000  # bytes of files and their compressed forms that are kept in memory


class StaticSite:
    """An ASGI application that serves the files of a folder, and nothing else.

    Files are looked at on every request, so that a change shows at once; what was read stays in memory until the file
    changes.

    Args:
        folder: what to serve; need not exist yet.
        prefix: the address of the folder, where that is not the root: "/handbook".
        content_security_policy: for its pages; the default forbids everything inline and everything of other origins.
    """

    def __init__(
        self, folder: Path, *, prefix: str = "", content_security_policy: str = headers.CONTENT_SECURITY_POLICY
    ) -> None:
        self.folder = Folder(folder)
        self.prefix = prefix.rstrip("/")
        self.policy = content_security_policy
        self._shelf = Shelf(SHELF)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise ValueError(f"the static site serves HTTP only, not {scope['type']}")
        request = Request.of(scope)
        await (await self._answer(request)).send(request, receive, send)

    async def _answer(self, request: Request) -> Answer:
        path = request.path.removeprefix(self.prefix).removeprefix("/")
        if self.prefix and request.path == self.prefix:
            return redirect_to_folder(request)
        found = self.folder.find(path)
        if found is None:
            return redirect_to_folder(request) if self.folder.is_folder(path) else await self._not_found(request)
        if request.method not in ("GET", "HEAD"):
            return method_not_allowed(request)
        return await self._serve(request, found)

    async def _serve(self, request: Request, found: Found, *, status: int = 200) -> Answer:
        kind = headers.media_type(found.path.name)
        caching = headers.cache_control(found.path.name, kind) if status == 200 else "no-cache"
        about = [("cache-control", caching), *headers.security(kind, policy=self.policy)]
        try:
            content = await self._read(found, kind)
        except OSError as error:
            log.warning("%s cannot be read: %s", found.path, error)
            return problem(request, 404, "Nothing is at this path.")
        result = await answer(request, content, about, status=status)
        if isinstance(content, Text):
            self._shelf.put(found, content)
        return result

    async def _read(self, found: Found, kind: str) -> Text | File:
        if found.status.st_size > IN_MEMORY:
            return File(found.path, kind, found.status)
        kept = self._shelf.get(found)
        if kept is not None:
            return kept
        return Text(await asyncio.to_thread(found.path.read_bytes), kind, int(found.status.st_mtime))

    async def _not_found(self, request: Request) -> Answer:
        """The page 404.html, or a problem document for those that ask for JSON or for a change."""
        accept = request.headers.get("accept", "")
        wants_page = "html" in accept or "json" not in accept
        page = self.folder.find("404.html") if wants_page and request.method in ("GET", "HEAD") else None
        if page is None:
            return problem(request, 404, "Nothing is at this path.")
        return await self._serve(request, page, status=404)


def redirect_to_folder(request: Request) -> Answer:
    """Relative links of a folder's page need the closing slash."""
    return redirect(f"/{quote(request.path.strip('/'))}/", request.query)
