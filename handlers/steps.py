"""What the concierge does with an utterance: steps, of which the first that has something to say answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from . import catalogue, words
from .catalogue import Bouquet
from .intents import Utterance
from .phrasing import counted, enumerated, money, plural
from .thread import Answer, Thread, describe, offer, quote, say, show

CARDS = 4  # shown at once, unless everything is asked for

ABILITIES = (
    "I can show you bouquets (for an occasion, a colour, a flower or a budget), tell you prices, explain delivery, "
    "take you to the order form, and look up an order by its number."
)
DELIVERY = (
    "We deliver every day between 9:00 and 18:00, from tomorrow up to 60 days ahead, and the price includes it. "
    "For today it is too late, I am afraid: each bouquet is tied the same morning."
)

Step = Callable[[Thread, Utterance], Answer | None]


def respond(thread: Thread, said: Utterance) -> Answer:
    """The answer to one utterance."""
    for step in STEPS:
        answer = step(thread, said)
        if answer is not None:
            return _greeted(answer) if said.does("greet") and step is not greet else answer
    return say(thread, f"I am sorry, I did not understand that. {ABILITIES}")


def track(thread: Thread, said: Utterance) -> Answer | None:
    """Where is my order? Needs its number."""
    if said.order_id:
        return Answer(order_id=said.order_id, thread=thread)
    if said.does("track"):
        return say(thread, "Tell me the number of your order, the long one in its confirmation, and I will look it up.")
    return None


def decline_goods(thread: Thread, said: Utterance) -> Answer | None:
    """Pizza, wine, a taxi: not here."""
    if said.other_goods and not said.wanted:
        return say(thread, f"I only deal in flowers, so I cannot help with {said.other_goods}. {ABILITIES}")
    return None


def decline_flower(thread: Thread, said: Utterance) -> Answer | None:
    """A flower that the florist does not have."""
    if said.other_flower and not said.wanted:
        return show(
            catalogue.BOUQUETS[-CARDS:], f"I have no {plural(said.other_flower)} today. May I suggest one of these?"
        )
    return None


def pick(thread: Thread, said: Utterance) -> Answer | None:
    """The second one, number 3, the last: one of those shown."""
    if said.place is None or not thread.shown or said.occasion:  # "our first anniversary" counts no bouquets
        return None
    if said.place > len(thread.shown) or said.place == 0:
        return say(thread, f"I have shown you {counted(len(thread.shown), 'bouquet')}. Which of them do you mean?")
    bouquet = thread.shown[said.place - 1 if said.place > 0 else said.place]
    if said.does("price"):
        return quote(thread, bouquet)
    return describe(thread, bouquet) if said.does("describe") else offer(thread, bouquet)


def price(thread: Thread, said: Utterance) -> Answer | None:
    """How much is it? Or one of several, or all."""
    if not said.does("price") or said.does("cheaper") or said.budget is not None:
        return None
    if said.does("deliver") and not said.wanted:
        return say(thread, "Delivery costs nothing extra: it is included in the price of each bouquet.")
    meant = _meant(thread, said)
    if len(meant) == 1:
        return quote(thread, meant[0])
    if meant:
        prices = [f"{bouquet.name} costs {money(bouquet.price)}" for bouquet in meant]
        return say(replace(thread, shown=tuple(meant)), f"{enumerated(prices)}. Delivery is included.")
    cheapest, dearest = catalogue.BOUQUETS[0], catalogue.BOUQUETS[-1]
    text = f"Our bouquets cost from {money(cheapest.price)} to {money(dearest.price)}, delivery included."
    return say(thread, f"{text} Shall I show them to you?", asked="browse")


def deliver(thread: Thread, said: Utterance) -> Answer | None:
    """When, where and at what cost we deliver."""
    if said.does("deliver") and not said.wanted:
        return say(thread, DELIVERY)
    return None


def extreme(thread: Thread, said: Utterance) -> Answer | None:
    """The cheapest, the finest."""
    if not said.does("cheapest", "dearest"):
        return None
    among = catalogue.matching(said.wanted, said.unwanted) or list(catalogue.BOUQUETS)
    bouquet = among[0] if said.does("cheapest") else among[-1]
    kind = "least expensive" if said.does("cheapest") else "most precious"
    return show([bouquet], f"This is the {kind}: {bouquet.name}, {money(bouquet.price)}.")


def cheaper(thread: Thread, said: Utterance) -> Answer | None:
    """Something cheaper than what was shown."""
    if not said.does("cheaper"):
        return None
    seen = [thread.chosen] if thread.chosen else list(thread.shown)
    limit = min((bouquet.price for bouquet in seen), default=catalogue.BOUQUETS[-1].price)
    below = [bouquet for bouquet in catalogue.BOUQUETS if bouquet.price < limit]
    if not below:
        return say(thread, f"Nothing costs less than {seen[0].name}, {money(limit)}: it is our least expensive.")
    return show(below[-CARDS:], "These cost less:")


def refuse(thread: Thread, said: Utterance) -> Answer | None:
    """No, to a question or in general."""
    if not said.does("refuse") or said.wanted or said.unwanted or said.does("thank", "leave"):
        return None
    if thread.asked == "order":
        return say(thread, "No hurry. Shall I show you other bouquets?", asked="browse")
    return say(thread, "All right. Tell me whenever you need flowers.")


def tell_more(thread: Thread, said: Utterance) -> Answer | None:
    """What is in it?"""
    meant = _meant(thread, said)
    if not said.does("describe") or not meant:
        return None
    if len(meant) == 1:
        return describe(thread, meant[0])
    return say(replace(thread, shown=tuple(meant)), " ".join(f"{one.name}: {one.description}" for one in meant))


def order(thread: Thread, said: Utterance) -> Answer | None:
    """I'll take it, yes please, order the tulips: lead to the checkout, once it is clear what is meant."""
    agreed = said.does("agree") and thread.asked == "order"
    if not agreed and (not said.does("order") or said.budget is not None):
        return None
    meant = _meant(thread, said)
    if len(meant) == 1:
        return offer(thread, meant[0])
    if meant:
        return show(meant, "Gladly. Which of these shall it be?")
    return None


def browse(thread: Thread, said: Utterance) -> Answer | None:
    """Everything that there is."""
    if said.wanted or said.unwanted or said.budget is not None:
        return None
    if said.does("browse") or (said.does("agree") and thread.asked == "browse"):
        return show(catalogue.BOUQUETS, "Here is everything we tie, from the least expensive:")
    return None


def wish(thread: Thread, said: Utterance) -> Answer | None:
    """A wish for flowers: for an occasion, in a colour, within a budget, or any at all."""
    if not (said.wanted or said.unwanted or said.budget is not None or said.does("wish", "order")):
        return None
    found = catalogue.matching(said.wanted, said.unwanted, said.budget)
    if found:
        return show(_varied(found), _introduction(said, found))
    kinds = said.wanted & words.FLOWERS
    for wanted, budget in ((said.occasion, said.budget), (said.wanted, None), (kinds, said.budget), (kinds, None)):
        near = catalogue.matching(wanted, said.unwanted, budget) if wanted else []
        if near:
            return show(_varied(near), "I have nothing that is all of that. These come closest:")
    return show(catalogue.BOUQUETS[:CARDS], "I have nothing quite like that. Perhaps one of these?")


def thank(thread: Thread, said: Utterance) -> Answer | None:
    """Thank you."""
    if not said.does("thank"):
        return None
    return say(thread, "You are welcome. Goodbye!" if said.does("leave") else "You are very welcome!")


def leave(thread: Thread, said: Utterance) -> Answer | None:
    """Goodbye."""
    return say(thread, "Goodbye, and come back whenever you need flowers.") if said.does("leave") else None


def help(thread: Thread, said: Utterance) -> Answer | None:
    """Who are you, and what can you do?"""
    return say(thread, f"I am the florist's concierge, a program. {ABILITIES}") if said.does("help") else None


def chat(thread: Thread, said: Utterance) -> Answer | None:
    """How are you?"""
    if said.does("chat"):
        return say(thread, "Very well, thank you: the shop smells of roses. What may I find for you?")
    return None


def greet(thread: Thread, said: Utterance) -> Answer | None:
    """Hello."""
    if said.does("greet"):
        return say(thread, "Good day, and welcome! Are you looking for flowers, or is it about an order?")
    return None


def agree(thread: Thread, said: Utterance) -> Answer | None:
    """Yes, when nothing was asked."""
    if said.does("agree"):
        return say(thread, "Lovely. Tell me the occasion, a colour or a budget, and I will show you bouquets.")
    return None


STEPS: tuple[Step, ...] = (
    track,
    decline_goods,
    decline_flower,
    pick,
    price,
    deliver,
    cheaper,
    extreme,
    refuse,
    tell_more,
    order,
    browse,
    wish,
    help,
    chat,
    thank,
    leave,
    greet,
    agree,
)


def _meant(thread: Thread, said: Utterance) -> list[Bouquet]:
    """The bouquets that an utterance is about: those it names, or what was talked about last."""
    if said.wanted:
        among_shown = [bouquet for bouquet in thread.shown if bouquet.tags >= said.wanted]
        return among_shown or catalogue.matching(said.wanted, said.unwanted)
    if thread.chosen:
        return [thread.chosen]
    return list(thread.shown)


def _greeted(answer: Answer) -> Answer:
    return replace(answer, words=(f"Good day! {answer.words[0]}", *answer.words[1:])) if answer.words else answer


def _varied(bouquets: Sequence[Bouquet]) -> Sequence[Bouquet]:
    """A few of many, spread over the prices."""
    if len(bouquets) <= CARDS:
        return bouquets
    return [bouquets[step * (len(bouquets) - 1) // (CARDS - 1)] for step in range(CARDS)]


def _introduction(said: Utterance, found: Sequence[Bouquet]) -> str:
    if "sympathy" in said.wanted:
        return "I am sorry for your loss. This is what I would send:"
    if len(found) == 1:
        return "I have just the one:"
    return "These would be lovely:" if said.wanted or said.budget else "With pleasure. Here are some to begin with:"
