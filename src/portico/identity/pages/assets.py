"""The style, the script, and what a project's theme adds to them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib import resources

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.identity.pages.theme import LOGO_TYPES, ThemeFile
from portico.site.headers import IMAGE_POLICY

FILES = {"pages.css": "text/css", "passkey.js": "text/javascript"}
NONE: Mapping[str, tuple[bytes, str]] = {}


class Assets:
    """`/assets/...`. Browsers ask each time, and are told that nothing has changed."""

    def __init__(self, theme: ThemeFile, *, further: Mapping[str, tuple[bytes, str]] = NONE) -> None:
        """Read the files.

        Args:
            theme: of the project.
            further: what other pages need besides: content and media type by name.
        """
        self._theme = theme
        folder = resources.files("portico.identity.pages") / "static"
        self._files = {name: ((folder / name).read_bytes(), type) for name, type in FILES.items()} | dict(further)

    def routes(self, path: str = "") -> list[Route]:
        """The addresses.

        Args:
            path: in front of them.
        """
        return [Route(f"{path}/assets/{{name}}", self.show, methods=["GET"])]

    def show(self, request: Request) -> Response:
        """One file. (Not `async`: Starlette runs it in a thread, because a theme is read from disk.)

        Raises:
            HTTPException: there is none of this name.
        """
        content, media_type = self._found(request.path_params["name"])
        tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        headers = {"cache-control": "no-cache", "etag": tag, "x-content-type-options": "nosniff"}
        if media_type == "image/svg+xml":
            headers["content-security-policy"] = IMAGE_POLICY
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(content, 200, headers, media_type)

    def _found(self, name: str) -> tuple[bytes, str]:
        if name in self._files:
            return self._files[name]
        theme = self._theme.current()
        if name == "theme.css":
            return theme.css, "text/css"
        if name == "logo" and theme.logo is not None:
            return theme.logo.read_bytes(), LOGO_TYPES[theme.logo.suffix]
        raise HTTPException(404)
