"""FastAPI as its tutorial writes it: pydantic models both ways, a dependency that verifies the token."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from handlers.tokens import verify
from pydantic import BaseModel, Field

from bench.more import MORE_OPERATIONS, more_operations


class Greeting(BaseModel):
    message: str


class Unstructured(BaseModel):
    id: Annotated[str, Field(max_length=64)]
    text: Annotated[str, Field(max_length=2000)]
    timestamp: datetime


class Product(BaseModel):
    productId: str  # noqa: N815 - the document's name
    name: str
    price: Annotated[float, Field(ge=0)]
    currency: Annotated[str, Field(min_length=3, max_length=3)]
    imageUrl: str | None = None  # noqa: N815
    buttonLabel: str | None = None  # noqa: N815
    clickAction: str | None = None  # noqa: N815


class Structured(BaseModel):
    id: Annotated[str, Field(max_length=64)]
    text: Annotated[str, Field(max_length=2000)] | None = None
    type: Literal["product"]
    payload: Product | None = None
    timestamp: datetime


class Message(BaseModel):
    type: Literal["structured", "unstructured"]
    unstructured: Unstructured | None = None
    structured: Structured | None = None


class Chat(BaseModel):
    messages: Annotated[list[Message], Field(min_length=1, max_length=20)]


class Thing(BaseModel):
    name: Annotated[str, Field(max_length=200)]
    size: Annotated[int, Field(ge=0)] | None = None
    tags: list[str] | None = None


async def caller(credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> dict[str, Any]:
    claims = verify(credentials.credentials)
    if claims is None:
        raise HTTPException(401)
    return claims


Caller = Annotated[dict[str, Any], Depends(caller)]
router = APIRouter(prefix="/chat/v1")


async def read_thing(claims: Caller) -> Thing:
    return Thing(name="thing")


async def write_thing(thing: Thing, claims: Caller) -> Thing:
    return thing


async def read_named(item_id: str, claims: Caller) -> Thing:
    return Thing(name=item_id)


async def write_named(item_id: str, thing: Thing, claims: Caller) -> Thing:
    return thing


MORE = {
    ("get", False): read_thing,
    ("post", False): write_thing,
    ("get", True): read_named,
    ("put", True): write_named,
}


def add_more(first: int, last: int) -> None:
    for number, method, path in more_operations(first, last):
        endpoint = MORE[method, "{" in path]
        router.add_api_route(
            path.replace("itemId", "item_id"),
            endpoint,
            methods=[method.upper()],
            response_model=Thing,
            name=f"thing{number}",
            operation_id=f"thing{number}",
        )


LARGE = os.environ["BENCH_PROJECT"].endswith("-large")
if LARGE:
    add_more(0, MORE_OPERATIONS // 2)


@router.get("/hello", response_model=Greeting)
async def hello() -> dict[str, str]:
    return {"message": "Hello, how can I help you?"}


@router.post("/nlu", response_model=Chat, response_model_exclude_none=True)
async def send_message(chat: Chat, claims: Caller) -> dict[str, Any]:
    asked = chat.messages[0].unstructured
    reply = {
        "id": asked.id if asked else "",
        "text": "Our roses are fresh today. Shall I show you a bouquet?",
        "timestamp": "2026-11-21T09:30:01Z",
    }
    return {"messages": [{"type": "unstructured", "unstructured": reply}]}


if LARGE:
    add_more(MORE_OPERATIONS // 2, MORE_OPERATIONS)

app = FastAPI()
app.include_router(router)
