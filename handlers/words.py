"""The words that the concierge knows, and how a visitor's spelling becomes one of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

WORDS_READ = 120  # of one message; the rest is not looked at, so that no message costs much

ACTS = {
    "greet": "hello|hi|hey|hiya|howdy|greetings|good morning|good afternoon|good evening|good day",
    "thank": "thanks|thank you|thank|thx|ty|cheers|much appreciated|grateful|very kind",
    "leave": "bye|bye bye|goodbye|good bye|see you|see ya|farewell|good night|take care|thats all|that is all",
    "agree": "yes|yeah|yep|yup|sure|ok|okay|of course|go ahead|sounds good|absolutely|definitely|perfect|why not"
    "|i love it|i like it|i love that|yes please|please do|deal",
    "refuse": "no|nope|nah|not now|no thanks|no thank you|never mind|nevermind|maybe later|not really",
    "price": "price|prices|cost|costs|how much|pricing|what do i pay|expensive|charge",
    "deliver": "deliver|delivers|delivery|delivered|delivering|deliveries|ship|shipping|shipped|courier|how soon"
    "|same day|bring them|bring it|get here|get it by|get them by|arrive|arrives",
    "order": "order|ordering|buy|buying|purchase|check out|checkout|take|choose|pick|get me|ill have|i will have|book",
    "wish": "flower|flowers|bouquet|bouquets|bunch|florist|blooms|posy|show me|looking for|recommend|recommendation"
    "|suggest|suggestion|suggestions|gift|present|something for|something nice|something else",
    "browse": "catalogue|catalog|everything|what do you have|what have you got|what do you sell|what can i buy"
    "|selection|all of them|all bouquets|options|what else|anything else|others|more bouquets|range|show me more"
    "|see more",
    "help": "help|what can you do|who are you|what are you|are you a bot|are you human|are you real|how does this work",
    "chat": "how are you|how are things|how do you do|hows it going|whats up|how is it going",
    "track": "where is my order|wheres my order|track|tracking|order status|status of my order|my order number"
    "|order number|where are my flowers|wheres my bouquet|where is my bouquet",
    "cheapest": "cheapest|least expensive|lowest price|most affordable",
    "dearest": "most expensive|dearest|finest|fanciest|most beautiful|most luxurious|best one",
    "cheaper": "cheaper|less expensive|too expensive|too much|more affordable",
    "describe": "tell me more|more about|whats in it|what is in it|what is in|describe|details|what are they",
}
"""What a visitor does with an utterance -> the phrases that do it. Apostrophes are left out: "i'll" is "ill"."""

TAGS = {
    "rose": "rose|roses",
    "tulip": "tulip|tulips",
    "lily": "lily|lilies",
    "sunflower": "sunflower|sunflowers|sun flowers",
    "peony": "peony|peonies",
    "lavender": "lavender",
    "eucalyptus": "eucalyptus",
    "wildflower": "wildflower|wildflowers|wild flowers|meadow",
    "poppy": "poppy|poppies",
    "cornflower": "cornflower|cornflowers",
    "daisy": "daisy|daisies",
    "red": "red",
    "pink": "pink|blush",
    "white": "white|cream",
    "yellow": "yellow",
    "orange": "orange|coral",
    "purple": "purple|violet|lilac",
    "blue": "blue",
    "mixed": "mixed|colourful|colorful",
    "birthday": "birthday|bday",
    "anniversary": "anniversary",
    "romance": "romantic|valentine|valentines|girlfriend|boyfriend|wife|husband|fiancee|my love|date night|sweetheart",
    "sympathy": "funeral|sympathy|condolence|condolences|grave|mourning|passed away",
    "wedding": "wedding|bride|bridal",
    "mother": "mother|mothers|mum|mums|mom|moms|grandmother|grandma|granny",
    "get-well": "get well|hospital|recovery|sick",
    "congratulations": "congratulations|congratulate|graduation|promotion|new job",
    "baby": "baby|newborn",
    "thank-you": "thank you gift|thank you flowers|thank you present|thank you bouquet|to say thank you|to say thanks"
    "|teacher|hostess",
}
"""What a bouquet may be tagged with -> the phrases that ask for it."""

FLOWERS = frozenset(list(TAGS)[:11])
COLOURS = frozenset(list(TAGS)[11:19])

UNKNOWN_FLOWERS = (
    "orchid|orchids|carnation|carnations|hydrangea|hydrangeas|dahlia|dahlias|daffodil|daffodils|chrysanthemum"
    "|chrysanthemums|hyacinth|hyacinths|gerbera|gerberas|iris|irises|freesia|freesias|anemone|anemones|ranunculus"
)
NOT_FLOWERS = (
    "pizza|cake|cakes|chocolate|chocolates|wine|champagne|balloon|balloons|teddy|vase|vases|plant|plants|car|phone"
    "|coffee|taxi|ticket|tickets|hotel|restaurant|burger|laptop|book a table"
)
PLACES = {
    "first": 1,
    "1st": 1,
    "second": 2,
    "2nd": 2,
    "third": 3,
    "3rd": 3,
    "fourth": 4,
    "4th": 4,
    "fifth": 5,
    "5th": 5,
}
PLACES |= {"sixth": 6, "6th": 6, "seventh": 7, "7th": 7, "eighth": 8, "8th": 8, "ninth": 9, "tenth": 10, "last": -1}
NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "ten": 10}
NUMBERS |= {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "hundred": 100}
EMOJI = {
    "🌹": "rose",
    "🌷": "tulip",
    "🌻": "sunflower",
    "🌼": "daisy",
    "💐": "bouquet",
    "🌸": "flowers",
    "🌺": "flowers",
}
EMOJI |= {"👋": "hello", "🙏": "thanks", "👍": "yes", "👌": "ok", "👎": "no", "❤": "i love it", "🎂": "birthday"}

_APOSTROPHES = "'`\u2018\u2019"
_NOT_TYPOS = set(
    re.findall(
        r"\w+",
        """
        older elder prince pride prise print rises whine while write lovely places trick truck thing think there these
        where broom gilt sort plane planet planes planned peach checks shove shoe line wide wild live lover hold cover
        covers power powers tower flows course coast coats pint sever dairy buddy fancy taken cash cast host
        """,
    )
)
"""English words that are one slip away from a word of ours, and mean something else."""


def read(text: str) -> list[str]:
    """The words of a text, in small letters, without accents and apostrophes, with slips of the keyboard mended."""
    for sign, word in EMOJI.items():
        text = text.replace(sign, f" {word} ")
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign) and sign not in _APOSTROPHES)
    return [mend(word) for word in re.findall(r"[^\W_]+", plain)[:WORDS_READ]]


@lru_cache(maxsize=4_096)
def mend(word: str) -> str:
    """The word of ours that this one is, or misspells by one letter (left out, doubled, wrong or swapped).

    Only longer words are mended, and only when the first letter is right: short ones have too many neighbours.
    """
    if word in _KNOWN or word in _NOT_TYPOS or not 4 <= len(word) <= 20 or not word.isalpha():
        return word
    near = [known for slip in (word, *_slips(word)) for known in _NEAR.get(slip, ())]
    return next((known for known in near if known[0] == word[0] and _one_slip(known, word)), word)


def phrases(table: dict[str, str]) -> dict[tuple[str, ...], str]:
    """Phrase, as words -> the key of the table that it stands for."""
    return {tuple(phrase.split()): key for key, line in table.items() for phrase in line.split("|")}


def _slips(word: str) -> Iterator[str]:
    """The word with each letter left out: two words one slip apart share one of these (the SymSpell way)."""
    return (word[:place] + word[place + 1 :] for place in range(len(word)))


def _one_slip(a: str, b: str) -> bool:
    """Whether one letter more, less or other, or two swapped neighbours, make one word the other."""
    if len(a) == len(b):
        differ = [place for place in range(len(a)) if a[place] != b[place]]
        swapped = len(differ) == 2 and differ[1] == differ[0] + 1
        return len(differ) == 1 or (swapped and a[differ[0]] == b[differ[1]] and a[differ[1]] == b[differ[0]])
    longer, shorter = sorted((a, b), key=len, reverse=True)
    return len(longer) - len(shorter) == 1 and shorter in _slips(longer)


_KNOWN = (
    frozenset(
        word
        for line in (*ACTS.values(), *TAGS.values(), UNKNOWN_FLOWERS, NOT_FLOWERS)
        for word in line.replace("|", " ").split()
    )
    | set(PLACES)
    | set(NUMBERS)
)
_LONG = frozenset(word for word in _KNOWN if len(word) >= 5 and word.isalpha())
_NEAR: dict[str, list[str]] = {}
for _word in sorted(_LONG):
    for _slip in {_word, *_slips(_word)}:
        _NEAR.setdefault(_slip, []).append(_word)
