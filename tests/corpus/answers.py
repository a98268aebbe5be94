"""One generated request for each operation of a document, answered by a gateway with mocks."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx

from portico.design import Api, Direction, Operation
from portico.design.examples import example
from portico.design.request import UnfitArguments, build_request
from portico.gateway import Gateway

UNFIT = "did not fit its own description"


def answer_all(api: Api) -> tuple[int, int, list[str]]:
    """How many operations answer, how many could not as their own examples break their schemas, and other troubles.

    Security is taken off, since nobody could verify a stranger's credentials: what is tried is all that comes after.
    """
    opened = replace(api, operations=tuple(replace(operation, security=()) for operation in api.operations))
    gateway = Gateway("corpus", mock=True)
    gateway.add_api(opened)
    gateway.compile()
    return asyncio.run(_call_all(gateway, opened))


async def _call_all(gateway: Gateway, api: Api) -> tuple[int, int, list[str]]:
    answered, unfit, troubles = 0, 0, []
    transport = httpx.ASGITransport(app=gateway)
    async with httpx.AsyncClient(transport=transport, base_url="http://corpus.example") as client:
        for operation in api.operations:
            trouble = await _call(client, api, operation)
            if trouble is None:
                answered += 1
            elif UNFIT in trouble:
                unfit += 1
            else:
                troubles.append(f"{operation.method.upper()} {operation.path}: {trouble}")
    return answered, unfit, troubles


async def _call(client: httpx.AsyncClient, api: Api, operation: Operation) -> str | None:
    """What went wrong, if anything did. A 4xx is an answer too: not every schema has a value that can be made."""
    arguments = {
        f"{parameter.location}.{parameter.name}": example(parameter.schema, Direction.REQUEST)
        for parameter in operation.parameters
        if parameter.required and parameter.location in ("path", "query", "header", "cookie")
    }
    body = None
    if operation.body is not None and operation.body.content:
        media = next((one for kind, one in operation.body.content.items() if kind.endswith("json")), None)
        media = media or next(iter(operation.body.content.values()))
        body = example(media.schema, Direction.REQUEST) if media.schema is not None else b""
    try:
        request = build_request(api, operation, arguments, body)  # type: ignore[arg-type]
    except UnfitArguments:
        request = build_request(api, operation, {k: v or "x" for k, v in arguments.items() if k.startswith("path.")})  # type: ignore[arg-type, misc]
    answer = await client.request(request.method, request.url, headers=request.headers, content=request.content)
    return f"{answer.status_code} {answer.text[:200]}" if answer.status_code >= 500 else None
