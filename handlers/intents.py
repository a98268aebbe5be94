"""What a visitor means: the acts, wishes and references in a text. Word lists and small rules, no guessing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from . import words

_ACTS = words.phrases(words.ACTS)
_TAGS = words.phrases(words.TAGS)
_OTHER_FLOWERS = frozenset(words.UNKNOWN_FLOWERS.split("|"))
_OTHER_GOODS = words.phrases({"goods": words.NOT_FLOWERS})
_KNOWN = _ACTS.keys() | _TAGS.keys() | _OTHER_GOODS.keys()
_LONGEST = max(map(len, _KNOWN))  # words

_NOT = frozenset({"no", "not", "without", "except", "dont", "but", "hate", "dislike", "nothing", "never", "isnt"})
_NOT_REACHES = 3  # words after a "not" that it takes back

_ORDER_ID = re.compile(r"\b[0-9a-f]{32}\b")
_AMOUNT = r"(?:€|£|\$|eur\b|euros?\b)?\s*(\d{1,5})(?:[.,]\d{1,2})?\b"
_BUDGET = re.compile(
    r"(?:under|below|less than|cheaper than|up to|max(?:imum)?(?: of)?|at most|not more than|no more than|within"
    rf"|budget(?: of| is)?|around|about)\s*{_AMOUNT}"
    r"|(?:€|£|\$)\s*(\d{1,5})|\b(\d{1,5})\s*(?:€|eur\b|euros?\b|bucks\b|dollars\b|pounds\b)"
)
_NUMBER = re.compile(r"(?:number|no\.?|nr\.?|#|option)\s*(\d{1,2})\b|^\D{0,3}(\d{1,2})\D{0,3}$")


@dataclass(frozen=True, slots=True)
class Utterance:
    """What one text says."""

    acts: frozenset[str]  # keys of words.ACTS
    wanted: frozenset[str] = frozenset()  # tags asked for
    unwanted: frozenset[str] = frozenset()  # tags turned down
    budget: float | None = None  # euros
    place: int | None = None  # "the second one" is 2, "the last" is -1
    order_id: str | None = None
    other_flower: str | None = None  # a flower that the florist does not have
    other_goods: str | None = None  # something that a florist does not sell

    @property
    def occasion(self) -> frozenset[str]:
        """Why flowers are wanted: the tags that are neither flowers nor colours."""
        return self.wanted - words.FLOWERS - words.COLOURS

    def does(self, *acts: str) -> bool:
        """Whether it does any of these."""
        return not self.acts.isdisjoint(acts)


def understand(text: str) -> Utterance:
    """What a text says.

    Args:
        text: what the visitor wrote, in any spelling and any language.
    """
    said = words.read(text)
    acts, wanted, unwanted = set[str](), set[str](), set[str]()
    goods: str | None = None
    for phrase, denied in _phrases(said):
        if phrase in _TAGS:
            (unwanted if denied else wanted).add(_TAGS[phrase])
        elif phrase in _ACTS:
            act = _ACTS[phrase]
            acts.add("refuse" if denied and act in ("order", "wish", "agree") else act)
        else:
            goods = goods or " ".join(phrase)
    order_id = _ORDER_ID.search(text.casefold())
    return Utterance(
        acts=frozenset(acts),
        wanted=frozenset(wanted),
        unwanted=frozenset(unwanted - wanted),
        budget=_budget(text),
        place=_place(said, text),
        order_id=order_id[0] if order_id else None,
        other_flower=next((word for word in said if word in _OTHER_FLOWERS), None),
        other_goods=goods,
    )


def _phrases(said: list[str]) -> Iterator[tuple[tuple[str, ...], bool]]:
    """The phrases of ours that are in a text, and whether a "not" takes each back.

    The longest wins, so that "thank you flowers" is an occasion and no thanks.
    """
    at = 0
    while at < len(said):
        sizes = range(min(_LONGEST, len(said) - at), 0, -1)
        phrase = next((found for size in sizes if (found := tuple(said[at : at + size])) in _KNOWN), None)
        if phrase is not None:
            yield phrase, not _NOT.isdisjoint(said[max(0, at - _NOT_REACHES) : at])
        at += len(phrase or (said[at],))


def _budget(text: str) -> float | None:
    spelled = " ".join(str(words.NUMBERS.get(word, word)) for word in text.casefold().split())
    found = _BUDGET.search(spelled)
    return float(next(group for group in found.groups() if group)) if found else None


def _place(said: list[str], text: str) -> int | None:
    for word in said:
        if word in words.PLACES:
            return words.PLACES[word]
    found = _NUMBER.search(text.casefold())
    if found:
        return int(found[1] or found[2])
    if len(said) <= 3 and "number" in said:
        return next((words.NUMBERS[word] for word in said if word in words.NUMBERS), None)
    return None
