"""Who is shown what proves who calls: nobody but the API's own origin, unless the program says so."""

from __future__ import annotations

from typing import Any

import pytest
from tests.portico.sdkgen.python import shop
from tests.portico.sdkgen.python.conftest import Server, json_answer

from portico.sdkgen.python.runtime import errors
from portico.sdkgen.python.runtime.client import Client
from portico.sdkgen.python.runtime.operation import Operation
from portico.sdkgen.python.runtime.options import Options

KEY = ((("key", ()),),)


class Api(Client):
    def call(self, operation: Operation, options: Options | None = None) -> Any:
        found: Any = self._call(operation, options)
        return found


@pytest.fixture
def elsewhere(server: Server) -> str:
    """Another origin than the document's, which is `localhost`."""
    server.says(json_answer("{}"))
    return server.url + "/up"


def api(server: Server, **more: Any) -> Api:
    class Mine(Api):
        _sdk_ = shop.SDK._replace(server=server.url.replace("127.0.0.1", "localhost"))

    return Mine(api_key="k", headers={"X-Secret": "s"}, **more)


def send(server: str, security: Any = KEY) -> Operation:
    return Operation("send", "POST", "/files", result="any", kind="json", server=server, security=security)


def test_another_origin_of_the_document_gets_no_credentials(server: Server, elsewhere: str) -> None:
    with pytest.raises(errors.NotSignedIn, match=rf"trusted_origins=.*{server.url}"):
        api(server).call(send(elsewhere))
    assert server.seen == []


@pytest.mark.parametrize("security", [(), ((), *KEY)])
def test_another_origin_is_called_as_nobody_where_that_is_enough(server: Server, elsewhere: str, security: Any) -> None:
    api(server).call(send(elsewhere, security))
    api(server).call(send(elsewhere), Options(auth=None))
    for seen in server.seen:
        assert seen.target == "/up/files"
        assert "x-api-key" not in seen.headers
        assert "x-secret" not in seen.headers


def test_another_origin_that_is_trusted_gets_credentials(server: Server, elsewhere: str) -> None:
    api(server, trusted_origins=[f"{server.url}/"]).call(send(elsewhere))
    assert server.seen[0].headers["x-api-key"] == "k"
    assert server.seen[0].headers["x-secret"] == "s"


def test_the_same_origin_needs_no_trust(server: Server, elsewhere: str) -> None:
    api(server).call(send(elsewhere.replace("127.0.0.1", "localhost")))
    assert server.seen[0].headers["x-api-key"] == "k"


@pytest.mark.parametrize("trusted", [(), ("http://shop.example",)])
def test_nothing_is_sent_in_the_clear_where_the_document_is_safe(trusted: tuple[str, ...]) -> None:
    class Safe(Api):
        _sdk_ = shop.SDK._replace(server="https://shop.example")

    client = Safe(api_key="k", trusted_origins=trusted)
    with pytest.raises(errors.BadArgument, match=r"send: .*https"):
        client.call(send("http://shop.example", ()))


@pytest.mark.parametrize("origin", ["shop.example", "ftp://shop.example", "https://shop.example/path"])
def test_what_is_trusted_is_an_origin(server: Server, origin: str) -> None:
    with pytest.raises(errors.BadArgument, match="trusted_origins"):
        api(server, trusted_origins=[origin])
