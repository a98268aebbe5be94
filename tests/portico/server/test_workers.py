"""Several workers: one dies, the server goes on; one is asked, all answer."""

from __future__ import annotations

import contextlib
import os
import signal
from typing import Any

import httpx
import msgspec
from prometheus_client.parser import text_string_to_metric_families

from portico.observe.snapshot import Snapshot


def counted(serving: Any, *, operation: str) -> float:
    families = text_string_to_metric_families(serving.get("/metrics").text)
    return sum(
        sample.value
        for family in families
        for sample in family.samples
        if sample.name == "portico_requests_total" and sample.labels["operation"] == operation
    )


def written(shop: Any, *, operation: str) -> int:
    """What the workers have left for one another to read."""
    (folder,) = (shop.root / ".portico" / "run").glob("serve-*")
    found = [msgspec.json.decode(path.read_bytes(), type=Snapshot) for path in folder.glob("[0-9]*.json")]
    return sum(
        sum(totals.statuses.values()) for one in found for key, totals in one.totals if key.operation == operation
    )


def pids(serving: Any, times: int = 60) -> set[int]:
    return {serving.get("/shop/v1/ping").json()["pid"] for _ in range(times)}


def test_a_killed_worker_is_replaced_and_the_server_goes_on(shop: Any, serve: Any, load: Any, wait: Any) -> None:
    serving = serve("--workers", "2").ready()
    before = serving.workers()
    assert len(before) == 2
    with load(serving.url, "/shop/v1/ping", clients=4) as clients:
        os.kill(before[0], signal.SIGKILL)
        wait(lambda: len(serving.workers()) == 2 and before[0] not in serving.workers())
        clients.more(200)
    # What the killed worker had in its hands is gone, which no supervisor can mend; nothing else is.
    assert len(clients.failures) <= 4
    assert not any(failure.startswith("ConnectError") for failure in clients.failures)
    assert {answer.status_code for answer in clients.answers} == {200}
    assert "SIGKILL" in serving.told("another takes its place")
    assert serving.stop() == 0


def test_counts_are_exact_after_a_worker_was_killed(shop: Any, serve: Any, load: Any, wait: Any) -> None:
    serving = serve("--workers", "2").ready()
    first, second = serving.workers()
    with load(serving.url, "/shop/v1/ping") as clients:
        clients.more(300)
    sent = len(clients.answers)
    wait(lambda: written(shop, operation="ping") == sent)  # what a worker has not written goes with it
    assert counted(serving, operation="ping") == sent
    for worker in (first, second):
        os.kill(worker, signal.SIGKILL)
        wait(lambda worker=worker: worker not in serving.workers() and len(serving.workers()) == 2)
    wait(lambda: serving.get("/readyz").status_code == 200)
    for _ in range(50):
        serving.get("/shop/v1/ping")
    wait(lambda: [counted(serving, operation="ping") for _ in range(6)] == [sent + 50] * 6)
    assert serving.stop() == 0


def test_the_run_folder_is_private_and_goes_with_the_server(shop: Any, serve: Any) -> None:
    serving = serve("--workers", "2").ready()
    (folder,) = (shop.root / ".portico" / "run").glob("serve-*")
    assert folder.stat().st_mode & 0o077 == 0
    assert serving.stop() == 0
    assert not folder.exists()


def test_what_a_killed_server_left_is_removed_by_the_next(shop: Any, serve: Any, wait: Any) -> None:
    killed = serve("--workers", "2").ready()
    alive = serve("--workers", "2").ready()
    assert len(list((shop.root / ".portico" / "run").glob("serve-*"))) == 2
    workers = killed.workers()
    killed.stop(signal.SIGKILL)
    wait(lambda: not any(_lives(worker) for worker in workers))  # workers do not outlive their parent
    serve("--workers", "2").ready()
    assert len(list((shop.root / ".portico" / "run").glob("serve-*"))) == 2
    assert counted(alive, operation="ping") == 0
    assert alive.get("/shop/v1/ping").status_code == 200


def _lives(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_fault_is_told_once_and_no_worker_serves(shop: Any, serve: Any) -> None:
    shop.spec.write_text(shop.spec.read_text().replace("openapi: 3.1.0", "openapi: 9.9"))
    serving = serve("--workers", "4")
    assert serving.ended() == 1
    text = "".join(serving.errors)
    assert text.count("specs/shop.yaml") == 1
    assert "Traceback" not in text


def test_a_handler_that_ends_the_process_at_import_is_told(shop: Any, serve: Any) -> None:
    shop.handlers.write_text("import os\n\nos._exit(3)\n" + shop.handlers.read_text())
    serving = serve("--workers", "2")
    assert serving.ended() == 1
    assert "ended with status 3 before it was ready" in "".join(serving.errors)


def test_a_worker_that_keeps_dying_is_replaced_ever_more_slowly(shop: Any, serve: Any, wait: Any) -> None:
    shop.handlers.write_text(
        "import os\n\ndef ping():\n    os._exit(7)\n\nasync def slow(seconds):\n    return {'pid': os.getpid()}\n"
    )
    serving = serve("--workers", "2").ready()
    for times in (1, 2, 3):
        with contextlib.suppress(httpx.TransportError):
            serving.get("/shop/v1/ping")
        assert "status 7" in serving.told("another takes its place", times)
        wait(lambda: serving.get("/shop/v1/slow?seconds=0").status_code == 200)


def test_a_worker_whose_event_loop_stands_still_is_replaced(shop: Any, serve: Any, wait: Any) -> None:
    shop.configure(worker_timeout=1.0)
    serving = serve("--workers", "2").ready()
    stuck, other = serving.workers()
    os.kill(stuck, signal.SIGSTOP)
    serving.told("has stood still for 1 seconds and is ended")
    wait(lambda: len(serving.workers()) == 2 and stuck not in serving.workers())
    assert other in serving.workers()
    assert pids(serving) <= set(serving.workers())
    assert serving.stop() == 0


def test_sighup_serves_what_lies_on_disk_now_and_loses_no_count(shop: Any, serve: Any, load: Any, wait: Any) -> None:
    serving = serve("--workers", "2").ready()
    before = serving.workers()
    with load(serving.url, "/shop/v1/slow?seconds=0", clients=4) as clients:
        shop.say("two")
        serving.process.send_signal(signal.SIGHUP)
        wait(lambda: serving.get("/shop/v1/ping").json()["says"] == "two")
        clients.more(200)
    assert clients.failures == []
    wait(lambda: not set(before) & set(serving.workers()))  # the old ones have ended
    wait(lambda: [counted(serving, operation="slow") for _ in range(6)] == [len(clients.answers)] * 6)
    assert serving.stop() == 0
    assert sum('"operation":"shop.slow"' in line for line in serving.output) == len(clients.answers)
    assert not any('"level": "error"' in line for line in serving.errors)


def test_metrics_have_a_port_of_their_own_where_one_is_configured(shop: Any, serve: Any, free_port: int) -> None:
    shop.configure(management_port=free_port)
    for options in ((), ("--workers", "2")):
        serving = serve(*options).ready()
        assert serving.management == f"http://localhost:{free_port}"
        assert serving.get("/metrics").status_code == 404
        assert "portico_build_info" in httpx.get(serving.management + "/metrics").text
        assert httpx.get(serving.management + "/readyz").json() == {"status": "ready"}
        assert httpx.get(serving.management + "/shop/v1/ping").status_code == 404
        assert serving.stop() == 0
