"""What the operator reads when a server has started."""

from __future__ import annotations

import pytest

from portico.server import screen, sockets
from portico.server.control import ApiSummary, Ready


def shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, mailbox: str) -> str:
    from portico.cli import terminal

    terminal.err.cache_clear()
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    ready = Ready(apis=[ApiSummary("shop", "Shop", "/shop/v1", 2, 1)], files=[], mailbox=mailbox)
    screen.show(ready, url="http://localhost:8000", workers=1, reload=False, mock=False, management=None)
    terminal.err.cache_clear()
    return capsys.readouterr().err


def test_the_mailbox_of_development_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = shown(capsys, monkeypatch, "http://localhost:8000/auth/main/mailbox")
    assert "http://localhost:8000/auth/main/mailbox" in text
    assert "1 not written: 501" in text
    assert "mailbox" not in shown(capsys, monkeypatch, "")


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])  # noqa: S104 - what is shown for it is the question
def test_an_address_is_shown_by_the_name_that_tokens_belong_to(host: str) -> None:
    with sockets.listen(host, 0) as listener:
        assert sockets.url(listener) == f"http://localhost:{listener.getsockname()[1]}"
