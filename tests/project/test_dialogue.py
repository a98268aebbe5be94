"""What the concierge understands: a table of utterances, and conversations whose later lines lean on earlier ones."""

from __future__ import annotations

import time

import pytest
from handlers import dialogue
from handlers.catalogue import BOUQUETS
from handlers.concierge_types import Message
from handlers.thread import Answer

EVERY = " ".join(bouquet.id for bouquet in BOUQUETS)
SOME = "lavender-and-eucalyptus wildflower-meadow garden-rose-posy peony-cloud"
ROSES = "garden-rose-posy dozen-red-roses"
NOT_UNDERSTOOD = "did not understand"

# fmt: off
UTTERANCES = [
    # what is said, a part of the answer, the cards that come with it
    ("Hello", "welcome", ""),
    ("hi!", "welcome", ""),
    ("HEY THERE", "welcome", ""),
    ("Good morning :)", "welcome", ""),
    ("helo", "welcome", ""),
    ("👋", "welcome", ""),
    ("How are you?", "Very well", ""),
    ("Hi, how are you today?", "Very well", ""),
    ("Thanks!", "welcome", ""),
    ("thank you so much", "very welcome", ""),
    ("thnaks", "very welcome", ""),
    ("🙏", "very welcome", ""),
    ("Bye", "Goodbye", ""),
    ("See you later!", "Goodbye", ""),
    ("Thanks, goodbye", "welcome. Goodbye", ""),
    ("no thanks, that's all", "", ""),
    ("I'd like to buy flowers", "With pleasure", SOME),
    ("I WANT TO BUY FLOWERS!!!", "With pleasure", SOME),
    ("i wnat to buy flwers", "With pleasure", SOME),
    ("Can you recommend a bouquet?", "With pleasure", SOME),
    ("boquet please", "With pleasure", SOME),
    ("I need a gift", "With pleasure", SOME),
    ("💐", "With pleasure", SOME),
    ("Hello, I would like some flowers", "Good day! With pleasure", SOME),
    ("Show me your roses", "lovely", ROSES),
    ("rsoes", "lovely", ROSES),
    ("🌹🌹🌹", "lovely", ROSES),
    ("red roses", "just the one", "dozen-red-roses"),
    ("Do you have tulips?", "just the one", "spring-tulips"),
    ("tulps", "just the one", "spring-tulips"),
    ("sun flowers", "just the one", "sunflower-sheaf"),
    ("Are there péonies?", "just the one", "peony-cloud"),
    ("something yellow for a birthday", "just the one", "sunflower-sheaf"),
    ("flowers for my wife", "lovely", "dozen-red-roses peony-cloud"),
    ("My grandmother has her birthday", "lovely", "spring-tulips garden-rose-posy"),
    ("a wedding", "lovely", "garden-rose-posy white-lilies peony-cloud"),
    ("For a funeral", "sorry for your loss", "white-lilies"),
    ("my uncle passed away", "sorry for your loss", "white-lilies"),
    ("thank you flowers for my teacher", "lovely",
     "lavender-and-eucalyptus spring-tulips wildflower-meadow garden-rose-posy"),
    ("get well soon", "lovely", "lavender-and-eucalyptus wildflower-meadow sunflower-sheaf"),
    ("purple tulips", "closest", "spring-tulips"),
    ("something under 30 euros", "lovely", "lavender-and-eucalyptus spring-tulips"),
    ("flowers for €30", "lovely", "lavender-and-eucalyptus spring-tulips"),
    ("my budget is thirty euros", "lovely", "lavender-and-eucalyptus spring-tulips"),
    ("roses under 45", "just the one", "garden-rose-posy"),
    ("roses for less than 10 euro", "closest", ROSES),
    ("anything under 5 euros?", "quite like that",
     "lavender-and-eucalyptus spring-tulips wildflower-meadow sunflower-sheaf"),
    ("flowers, but no roses and no lilies", "begin with",
     "lavender-and-eucalyptus spring-tulips wildflower-meadow peony-cloud"),
    ("I don't like roses", "begin with", "lavender-and-eucalyptus spring-tulips sunflower-sheaf peony-cloud"),
    ("What do you sell?", "everything", EVERY),
    ("show me everything", "everything", EVERY),
    ("what's your cheapest bouquet", "least expensive", "lavender-and-eucalyptus"),
    ("the most expensive one", "most precious", "peony-cloud"),
    ("the cheapest roses", "least expensive", "garden-rose-posy"),
    ("How much do you charge?", "from €26 to €65", ""),
    ("prices", "from €26 to €65", ""),
    ("How much are the sunflowers?", "Sunflower Sheaf costs €38", ""),
    ("price of roses", "Garden Rose Posy costs €42 and Dozen Red Roses costs €59", ""),
    ("How much is delivery?", "included", ""),
    ("do you deliver", "every day between", ""),
    ("can it be here today? same day??", "tied the same morning", ""),
    ("when will they arrive", "every day between", ""),
    ("delivry", "every day between", ""),
    ("Where is my order?", "number of your order", ""),
    ("I want to order the peonies", "A fine choice", "peony-cloud"),
    ("Do you have orchids?", "no orchids", "garden-rose-posy white-lilies dozen-red-roses peony-cloud"),
    ("I'd like to order a pizza", "cannot help with pizza", ""),
    ("What can you do?", "a program", ""),
    ("Are you a bot?", "a program", ""),
    ("What will the weather be tomorrow?", NOT_UNDERSTOOD, ""),
    ("asdfghjkl", NOT_UNDERSTOOD, ""),
    ("What is the capital of France?", NOT_UNDERSTOOD, ""),
    ("Ich möchte Blumen kaufen", NOT_UNDERSTOOD, ""),
    ("Quiero comprar flores", NOT_UNDERSTOOD, ""),
    ("Bonjour", NOT_UNDERSTOOD, ""),
    ("花を買いたい", NOT_UNDERSTOOD, ""),
    ("أريد شراء زهور", NOT_UNDERSTOOD, ""),
    ("Хочу купить цветы", NOT_UNDERSTOOD, ""),
    ("???", NOT_UNDERSTOOD, ""),
    ("🤷", NOT_UNDERSTOOD, ""),
    ("<script>alert(1)</script>", NOT_UNDERSTOOD, ""),
    ("the older prince wrote a story", NOT_UNDERSTOOD, ""),
]
# fmt: on


def say(*lines: str) -> Answer:
    """The answer to the last of a visitor's lines."""
    return dialogue.answer([words(line, id=f"m-{number}") for number, line in enumerate(lines)])


def words(text: str, *, id: str = "m-1") -> Message:
    return {"type": "unstructured", "unstructured": {"id": id, "text": text}}


def cards(answer: Answer) -> str:
    return " ".join(bouquet.id for bouquet in answer.cards)


@pytest.mark.parametrize(("line", "expected", "shown"), UTTERANCES, ids=[line for line, *_ in UTTERANCES])
def test_an_utterance_is_understood_or_its_misunderstanding_admitted(line: str, expected: str, shown: str) -> None:
    answer = say(line)
    assert expected in " ".join(answer.words)
    assert cards(answer) == shown


def test_what_was_not_understood_is_answered_with_what_can_be_done() -> None:
    assert "show you bouquets" in say("blorp").words[0]


def test_how_much_is_it_means_what_was_shown() -> None:
    assert say("red roses", "How much is it?").words[0].startswith("Dozen Red Roses costs €59")
    assert "Garden Rose Posy costs €42 and Dozen Red Roses" in say("roses", "how much are they?").words[0]


@pytest.mark.parametrize(
    "line", ["the second one", "I'll take the 2nd", "number 2", "#2", "2", "number two", "the last one"]
)
def test_the_second_one_counts_in_what_was_shown(line: str) -> None:
    assert cards(say("show me roses", line)) == "dozen-red-roses"


def test_a_place_beyond_what_was_shown_is_asked_about() -> None:
    assert "shown you 2 bouquets" in say("roses", "the fifth one").words[0]


def test_the_price_of_the_second_one_and_then_yes_leads_to_the_order() -> None:
    lines = ["Hello", "I'd like roses", "How much is the second one?"]
    assert "Dozen Red Roses costs €59" in say(*lines).words[0]
    assert cards(say(*lines, "yes please")) == "dozen-red-roses"
    assert "other bouquets" in say(*lines, "no").words[0]
    assert cards(say(*lines, "no", "ok")) == EVERY


def test_yes_after_prices_shows_the_bouquets() -> None:
    assert cards(say("how much do you charge", "yes")) == EVERY


def test_order_it_means_what_was_talked_about() -> None:
    assert cards(say("do you have tulips?", "I'll take them")) == "spring-tulips"
    assert cards(say("do you have tulips?", "tell me more", "sounds good")) == "spring-tulips"


def test_ordering_without_saying_which_shows_the_choice_again() -> None:
    answer = say("roses", "I want to order")
    assert "Which of these" in answer.words[0]
    assert cards(answer) == ROSES


def test_something_cheaper_is_cheaper_than_what_was_shown() -> None:
    assert cards(say("roses", "do you have something cheaper?")) == (
        "lavender-and-eucalyptus spring-tulips wildflower-meadow sunflower-sheaf"
    )
    assert "least expensive" in say("cheapest", "that's too expensive").words[0]


def test_our_first_anniversary_is_no_first_bouquet() -> None:
    assert "lovely" in say("tulips", "something for our first anniversary").words[0]


def test_a_budget_is_a_new_wish_and_no_order() -> None:
    assert cards(say("roses", "get me something under 30")) == "lavender-and-eucalyptus spring-tulips"


def test_the_thread_survives_small_talk() -> None:
    assert cards(say("roses", "thanks", "do you deliver?", "the second one")) == "dozen-red-roses"


def test_a_card_sent_back_chooses_it() -> None:
    card: Message = {"type": "structured", "structured": {"type": "product", "payload": BOUQUETS[0].card()}}
    assert cards(dialogue.answer([card])) == BOUQUETS[0].id


def test_a_message_that_pretends_to_be_the_concierges_changes_nothing() -> None:
    forged = words("roses", id="concierge-1")
    assert NOT_UNDERSTOOD in dialogue.answer([forged, words("the second one")]).words[0]
    with pytest.raises(dialogue.NothingToAnswer):
        dialogue.answer([forged])


def test_the_price_on_a_forged_card_is_not_believed() -> None:
    payload = {**BOUQUETS[0].card(), "price": 0.01}
    card: Message = {"type": "structured", "structured": {"type": "product", "payload": payload}}  # type: ignore[typeddict-item]
    assert dialogue.answer([card]).cards[0].price == BOUQUETS[0].price


def test_the_longest_conversation_is_answered_in_a_blink() -> None:
    worst = " ".join(f"rozes{letter}" for letter in "abcdefghijklmnopqrstuvwxyz" * 5)[:1000]
    lines = [f"{number} {worst[:990]}" for number in range(50)]
    before = time.process_time()
    say(*lines)
    assert time.process_time() - before < 0.5
