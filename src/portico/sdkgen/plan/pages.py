"""How an operation goes on to the next page, as far as the document shows it.

link      a header `Link` in the answer (RFC 8288), or the URL of the next page in it
cursor    a text in the answer that a query parameter takes
page      a query parameter with the number of the page, from 1
offset    a query parameter with the number of items to leave out
"""

from __future__ import annotations

from collections.abc import Iterator

from portico.sdkgen.plan.model import Answer, Binary, ListOf, Nullable, Pages, Parameter, Record, Scalar, TypeRef
from portico.sdkgen.plan.types import Types
from portico.sdkgen.untrusted import Untrusted

_TAKES = (
    "cursor", "pagetoken", "nexttoken", "nextcursor", "nextpagetoken", "after", "startingafter", "continuationtoken",
    "continuation", "marker", "nextmarker", "startcursor", "pagecursor", "exclusivestartkey", "position",
)  # fmt: skip
_GIVES = (
    "nextcursor", "nexttoken", "nextpagetoken", "endcursor", "next", "nextmarker", "continuationtoken", "cursor",
    "nextpagecursor", "continuation", "lastevaluatedkey", "position",
)  # fmt: skip
_URLS = ("next", "nexturl", "nextlink", "odatanextlink", "nexthref", "nextpage", "nextpageurl")
_AROUND = ("pagination", "paging", "meta", "metadata", "links", "pageinfo", "responsemetadata", "cursors", "page")
_MORE = ("hasmore", "hasnextpage", "hasnext", "istruncated", "more")
_ITEMS = ("items", "data", "results", "entries", "records", "values", "list", "content", "elements")
_PAGE = ("page", "pagenumber", "pageno", "pageindex")
_OFFSET = ("offset", "skip", "start", "startindex", "startat")


def pages(
    method: str, parameters: tuple[Parameter, ...], answers: tuple[Answer, ...], result: TypeRef | None, types: Types
) -> Pages | None:
    """How a reading operation goes on; None where the document does not show it.

    Args:
        method: the verb, in upper case.
        parameters: of the operation.
        answers: of the operation.
        result: what it answers.
        types: all types.
    """
    if method != "GET" or result is None:
        return None
    found = _items(result, types)
    if found is None:
        return None
    items, item = found
    record = types.record_of(result)
    query = {_plain(one.name): one for one in parameters if one.location == "query"}
    if _has_link(answers):
        return Pages("link", items, item=item)
    if record is not None:
        cursor = _cursor(items, item, record, query, types)
        if cursor is not None:
            return cursor
    for kind, names in (("page", _PAGE), ("offset", _OFFSET)):
        taker = next((query[name] for name in names if name in query and _is_number(query[name].type)), None)
        if taker is not None:
            return Pages(kind, items, taker.name, item=item, more=_more(record, types))  # type: ignore[arg-type]
    return None


def _has_link(answers: tuple[Answer, ...]) -> bool:
    good = (answer for answer in answers if answer.status.startswith("2"))
    return any(_plain(header.name) == "link" for answer in good for header in answer.headers)


def _items(result: TypeRef, types: Types) -> tuple[tuple[Untrusted, ...], TypeRef] | None:
    """The way to the array that the pages are of, and the type of its items."""
    bare = _bare(result)
    if isinstance(bare, ListOf):
        return (), bare.item
    record = types.record_of(bare)
    if record is None:
        return None
    lists = {_plain(field.key): field for field in record.fields if isinstance(_bare(field.type), ListOf)}
    chosen = next((lists[name] for name in _ITEMS if name in lists), None)
    if chosen is None and len(lists) == 1:
        chosen = next(iter(lists.values()))
    found = _bare(chosen.type) if chosen is not None else None
    if chosen is None or not isinstance(found, ListOf) or found.item == Binary():
        return None
    return (chosen.key,), found.item


def _cursor(
    items: tuple[Untrusted, ...], item: TypeRef, record: Record, query: dict[str, Parameter], types: Types
) -> Pages | None:
    taker = next((query[name] for name in _TAKES if name in query), None)
    if taker is not None:
        giver = next(_ways(record, _GIVES, types), None)
        if giver is not None:
            return Pages("cursor", items, taker.name, giver, _more(record, types), item)
    following = next(_ways(record, _URLS, types), None)
    return Pages("link", items, None, following, _more(record, types), item) if following is not None else None


def _ways(record: Record, names: tuple[str, ...], types: Types) -> Iterator[tuple[Untrusted, ...]]:
    """The ways to a text of one of the names, in the record itself or one level below."""
    by_name = {_plain(field.key): field for field in record.fields}
    for name in names:
        if name in by_name and _is_text(by_name[name].type):
            yield (by_name[name].key,)
    for around in _AROUND:
        inner = types.record_of(_bare(by_name[around].type)) if around in by_name else None
        if inner is not None:
            mine = {_plain(field.key): field for field in inner.fields}
            found = (mine[name] for name in names if name in mine)
            yield from ((by_name[around].key, one.key) for one in found if _is_text(one.type))


def _more(record: Record | None, types: Types) -> tuple[Untrusted, ...]:
    for field in record.fields if record is not None else ():
        inner = types.record_of(_bare(field.type)) if _plain(field.key) in _AROUND else None
        for one in inner.fields if inner is not None else ():
            if _plain(one.key) in _MORE and _bare(one.type) == Scalar("boolean"):
                return field.key, one.key
        if _plain(field.key) in _MORE and _bare(field.type) == Scalar("boolean"):
            return (field.key,)
    return ()


def _plain(name: Untrusted) -> str:
    return "".join(letter for letter in name.raw.lower() if letter.isalnum())


def _bare(ref: TypeRef) -> TypeRef:
    return ref.inner if isinstance(ref, Nullable) else ref


def _is_text(ref: TypeRef) -> bool:
    bare = _bare(ref)
    return isinstance(bare, Scalar) and bare.kind in ("string", "integer", "int64", "uuid")


def _is_number(ref: TypeRef) -> bool:
    bare = _bare(ref)
    return isinstance(bare, Scalar) and bare.kind in ("integer", "int64", "number")
