"""Where the server listens: an address and port of this machine, and who may reach them."""

import errno
import socket
from ipaddress import ip_address

from rag.errors import InputError, SettingsError

_BACKLOG = 2048


def listen(host: str, port: int, beyond_loopback: bool) -> socket.socket:
    """A socket that listens on `host`; connections wait there until someone accepts them.

    Raises SettingsError for an address that other machines reach, unless `beyond_loopback`, and
    InputError for an address or port that cannot be had.
    """
    try:
        found = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (socket.gaierror, UnicodeError) as error:
        raise InputError(f"{host!r} is not an address: try --host 127.0.0.1") from error
    # Of a name's addresses the IPv4 one: the other need not be set up on this machine.
    family, *_, address = min(found, key=lambda one: one[0] != socket.AF_INET)
    if not beyond_loopback and not ip_address(address[0]).is_loopback:
        raise SettingsError(
            f"{host or address[0]} can be reached from other machines: set CITEWELL_API_KEYS to "
            "the keys that clients must send, or serve on 127.0.0.1"
        )
    try:
        return socket.create_server(address, family=family, backlog=_BACKLOG)
    except OSError as error:
        raise InputError(_explained(error, host, port)) from error


def url(listener: socket.socket) -> str:
    """The address of a listening socket, as a browser takes it."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _explained(error: OSError, host: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"Port {port} is in use: try --port {port + 1 if port < 65535 else 0}"
        case errno.EACCES:
            return f"Port {port} is not permitted: try --port 8000"
        case errno.EADDRNOTAVAIL:
            return f"{host} is not an address of this machine: try --host 127.0.0.1"
    return f"{host} port {port} cannot be listened on ({error.strerror}): try others"
