"""What the operations of specs/odds.yaml do: say what arrived."""

from typing import Any


def _seen(value: object) -> dict[str, Any]:
    return {"seen": repr(value)[:200]}


async def echo(body: Any) -> Any:
    return body


def tree(body: dict[str, Any]) -> dict[str, Any]:
    return body


async def form(body: dict[str, Any]) -> dict[str, Any]:
    return _seen(body)


async def upload(body: dict[str, Any], file: Any = None, files: Any = None) -> dict[str, Any]:
    return _seen((body, getattr(file, "filename", None), len(files or ())))


def text(body: Any) -> dict[str, Any]:
    return _seen(body)


async def query(
    number: float | None = None,
    whole: int | None = None,
    flag: bool = False,
    pattern: str | None = None,
    when: str | None = None,
    uuid: str | None = None,
    many: list[int] | None = None,
    comma: list[str] | None = None,
    pipe: list[str] | None = None,
    deep: dict[str, Any] | None = None,
    json: dict[str, Any] | None = None,
) -> dict[str, Any]:
    return _seen((number, whole, flag, pattern, when, uuid, many, comma, pipe, deep, json))


async def headers(
    x_number: int | None = None, x_list: list[int] | None = None, session: str | None = None, count: int | None = None
) -> dict[str, Any]:
    return _seen((x_number, x_list, session, count))


async def path(whole: int, number: float, word: str) -> dict[str, Any]:
    return _seen((whole, number, word))


async def secret() -> dict[str, Any]:
    return _seen("secret")


async def kept(body: Any = None) -> dict[str, Any]:
    return _seen(body)
