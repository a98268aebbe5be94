"""One worker under a supervisor: what `portico serve --workers N` runs on each core, for a machine with one.

python -m bench.apps.one_worker PORT PROJECT
"""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from portico import config
from portico.server import sockets
from portico.server.control import Failed, Ready
from portico.server.run import run_folder
from portico.server.supervisor import Plan, Supervisor


async def main(port: int, root: Path) -> None:
    """Serve until SIGTERM."""
    settings = config.load(root).server
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    with run_folder(root) as folder:
        supervisor = Supervisor(
            Plan(
                root=root,
                folder=folder,
                listener=sockets.listen(settings.host, port),
                management=None,
                workers=1,
                mock=False,
                drain_timeout=settings.drain_timeout,
                worker_timeout=settings.worker_timeout,
                reload=False,
            ),
            on_ready=_say,
            on_failed=_say,
        )
        if await supervisor.renew():
            await ended.wait()
        await supervisor.stop()


def _say(outcome: Ready | Failed) -> None:
    if isinstance(outcome, Failed):
        print(outcome.message, file=sys.stderr)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2])))
