"""The operations of specs/messages.yaml."""

from __future__ import annotations

from .messages_types import Answer, Message


async def answer_message(body: Message) -> Answer:
    """Answer a message.

    Sends a short text and receives the answer to it.
    """
    return {"text": f"You said: {body['text']}"}
