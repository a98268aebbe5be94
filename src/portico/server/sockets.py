"""Listening: a port that is taken is said plainly, with the mend."""

from __future__ import annotations

import errno
import ipaddress
import socket

from portico.errors import ConfigError


def listen(host: str, port: int, *, option: str = "--port") -> socket.socket:
    """A bound socket. It does not listen yet, so nobody waits in its queue before the server is ready.

    Args:
        host: an address or a name of this machine.
        port: 0 for any free one.
        option: how the operator chooses another port.

    Raises:
        ConfigError: the port is taken, or may not be used, or the host is no address of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise ConfigError(f"{host!r} is no address: {error.strerror}. Choose another: --host 127.0.0.1.") from None
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, host not in ("", "::"))
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise ConfigError(_mend(error, host, port, option)) from None
    return listener


def _mend(error: OSError, host: str, port: int, option: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken. Stop what uses it, or choose another: {option} {port + 1}."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"Port {port} needs special rights on this machine. Choose one above 1023: {option} 8000."
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is no address of this machine. Choose --host 127.0.0.1, or --host 0.0.0.0 for all."
    return f"Cannot listen on {host}, port {port}: {error.strerror}. Choose another: {option} {port + 1}."


def url(listener: socket.socket) -> str:
    """Where a browser on this machine reaches a socket: under the name that tokens and cookies belong to."""
    host, port = listener.getsockname()[:2]
    if host in ("127.0.0.1", "::1", "0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        host = "localhost"
    elif ":" in host:
        host = f"[{host}]"
    return f"http://{host}:{port}"


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own (127.0.0.0/8, ::1, and the first written as IPv6)."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
