"""What the operations of specs/chat.yaml do."""

from typing import Any


async def hello() -> dict[str, str]:
    return {"message": "Hello, how can I help you?"}


async def send_message(body: dict[str, Any]) -> dict[str, Any]:
    asked = body["messages"][0]["unstructured"]
    reply = {
        "id": asked["id"],
        "text": "Our roses are fresh today. Shall I show you a bouquet?",
        "timestamp": "2026-11-21T09:30:01Z",
    }
    return {"messages": [{"type": "unstructured", "unstructured": reply}]}
