"""An asynchronous transport without threads, on httpx: `pip install <package>[async]`, `transport=HttpxTransport()`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from .errors import ConnectionFailed, TimedOut
from .headers import Headers
from .payload import Payload
from .request import Request


class HttpxTransport:
    """Carries requests with httpx.

    Args:
        client: an `httpx.AsyncClient`; one of its own where it is left out.
    """

    def __init__(self, client: Any = None) -> None:
        import httpx  # an extra: nobody else needs it

        self._httpx: Any = httpx
        self._client = client if client is not None else httpx.AsyncClient(follow_redirects=False)

    async def send(self, request: Request) -> HttpxIncoming:
        """Send a request, and wait for the head of the answer.

        Raises:
            ConnectionFailed: there is no answer.
        """
        body, headers = request.body, [(name.encode(), value.encode()) for name, value in request.headers.items()]
        content: Any = _stream(body) if isinstance(body, Payload) else body
        if isinstance(body, Payload) and body.length is not None:
            headers.append((b"content-length", str(body.length).encode()))
        made = self._client.build_request(
            request.method, request.url, headers=headers, content=content, timeout=request.timeout
        )
        for name in ("accept", "accept-encoding", "user-agent", "connection"):
            if name not in request.headers:
                made.headers.pop(name, None)
        httpx = self._httpx
        try:
            return HttpxIncoming(httpx, await self._client.send(made, stream=True, follow_redirects=False))
        except (httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise TimedOut(f"{request.host}: {type(error).__name__}", reached=False) from None
        except httpx.TimeoutException as error:
            raise TimedOut(f"{request.host}: {type(error).__name__}") from None
        except httpx.TransportError as error:
            reached = not isinstance(error, httpx.ConnectError)
            raise ConnectionFailed(f"{request.host}: {type(error).__name__}", reached=reached) from None

    async def close(self) -> None:
        """Close what is open."""
        await self._client.aclose()


class HttpxIncoming:
    """An answer of which the body is still to be read."""

    def __init__(self, httpx: Any, response: Any) -> None:
        self.status: int = response.status_code
        self.headers = Headers(response.headers.multi_items())
        self._httpx = httpx
        self._response = response
        self._chunks = response.aiter_raw()

    async def read(self, size: int) -> bytes:
        """The next bytes, as many as came; none at the end."""
        try:
            async for chunk in self._chunks:
                if chunk:
                    return bytes(chunk)
        except self._httpx.TimeoutException as error:
            raise TimedOut(f"The server stopped answering: {type(error).__name__}") from None
        except self._httpx.TransportError as error:
            raise ConnectionFailed(f"The answer was cut off: {type(error).__name__}") from None
        await self.close()
        return b""

    async def close(self) -> None:
        """Give the connection back, or close it."""
        await self._response.aclose()


async def _stream(body: Payload) -> AsyncIterator[bytes]:
    for chunk in body.chunks():
        yield chunk
