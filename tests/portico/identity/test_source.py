"""Where a request comes from, whatever it says about that itself."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from starlette.requests import HTTPConnection

from portico.identity.credentials.guests import PER_ADDRESS, GuestLimit
from portico.identity.source import client_address

PROXIES = (ip_network("10.0.0.0/8"),)


def address(peer: str, *forwarded: str, trusted: bool = True) -> str:
    headers = [(b"x-forwarded-for", one.encode()) for one in forwarded]
    scope = {"type": "http", "client": (peer, 1), "headers": headers}
    return client_address(HTTPConnection(scope), PROXIES if trusted else ())


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("192.0.2.7", ["198.51.100.9"], "192.0.2.7"),  # nobody's proxy
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.9"], "198.51.100.9"),
        ("10.0.0.1", ["127.0.0.1, 198.51.100.9"], "198.51.100.9"),  # what the client wrote itself stands before
        ("10.0.0.1", ["203.0.113.1", "198.51.100.9, 10.2.2.2"], "198.51.100.9"),
        ("10.0.0.1", ["198.51.100.9, "], ""),  # nobody: a policy that asks for an address denies
    ],
)
def test_only_what_a_trusted_proxy_saw_counts(peer: str, forwarded: list[str], found: str) -> None:
    assert address(peer, *forwarded) == found
    assert address(peer, *forwarded, trusted=False) == peer


def test_a_socket_for_both_versions_of_ip_knows_the_same_callers() -> None:
    """It has every IPv4 caller in ::ffff:0:0/96: they must not pass for one network, nor proxies for strangers."""
    assert address("::ffff:192.0.2.7") == "192.0.2.7"
    assert address("::ffff:10.0.0.1", "198.51.100.9") == "198.51.100.9"
    assert address("2001:db8::7") == "2001:db8::7"
    guests = GuestLimit()
    for _ in range(PER_ADDRESS):
        guests.admit(address("::ffff:192.0.2.7"), 0.0)
    assert guests.admit(address("::ffff:192.0.2.7"), 0.0) > 0
    assert guests.admit(address("::ffff:198.51.100.9"), 0.0) == 0
