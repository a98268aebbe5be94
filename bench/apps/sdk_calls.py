"""Signed calls through the Python SDK beside bare ones with `http.client`, in turns; prints microseconds as JSON."""

from __future__ import annotations

import http.client
import json
import statistics
import sys
import time
from collections.abc import Callable

from concierge import Concierge, Credentials

from bench.messages import ASKED

CALLS, ROUNDS = 400, 15


def main(port: int) -> None:
    client = Concierge(
        f"http://127.0.0.1:{port}", credentials=Credentials("AKIAIOSFODNN7EXAMPLE", "secret", session_token="token")
    )
    messages = json.loads(ASKED)["messages"]
    connection = http.client.HTTPConnection("127.0.0.1", port)

    def bare() -> None:
        connection.request("POST", "/concierge/v1/nlu", ASKED, {"Content-Type": "application/json"})
        json.loads(connection.getresponse().read())

    def call() -> None:
        client.send_message(messages=messages)

    took: dict[str, list[float]] = {"bare": [], "sdk": []}
    for _ in range(ROUNDS):
        took["bare"].append(_time(bare))
        took["sdk"].append(_time(call))
    print(json.dumps({name: 1e6 * statistics.median(rounds) for name, rounds in took.items()}))


def _time(act: Callable[[], None]) -> float:
    """Seconds that one takes: the median of a round."""
    times = []
    for _ in range(CALLS):
        began = time.perf_counter()
        act()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


if __name__ == "__main__":
    main(int(sys.argv[1]))
