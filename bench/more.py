"""The 1,000 more operations of the large document: exact and templated paths in turn, four kinds of operation."""

from __future__ import annotations

from collections.abc import Iterator

MORE_OPERATIONS = 1_000


def more_operations(first: int, last: int) -> Iterator[tuple[int, str, str]]:
    """Number, method and path of each additional operation; half stand before the measured one, half behind it."""
    for number in range(first, last):
        area = f"/area{number // 100}/things{number // 4}"
        match number % 4:
            case 0:
                yield number, "get", area
            case 1:
                yield number, "post", area
            case 2:
                yield number, "get", area + "/{itemId}"
            case _:
                yield number, "put", area + "/{itemId}"
