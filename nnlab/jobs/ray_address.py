"""The address of a Ray cluster: the one that is meant, and whether a cluster answers there.

`ray.init` tries for minutes to reach an address where nothing answers; so it is tried here first.
"""

import os
import socket
from contextlib import suppress
from pathlib import Path

from nnlab.errors import UsageError
from nnlab.text import printable

LOCAL = "local"
AUTO = "auto"
PATIENCE = 5.0  # seconds to connect, and again to hear a first word
# What a client of HTTP/2 says first, and its settings. Ray's server, as any of gRPC, answers with
# its own: a frame that begins with its length (3 bytes) and its type.
# Source: RFC 9113, sections 3.4, 4.1 and 6.5.
HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))
HEAD_BYTES = 9
SETTINGS = 4
HOW = "start Ray on this machine (ray start --head), or name another address"


def answering(given: str) -> str:
    """Return the address HOST:PORT that `given` means, after something has answered there.

    Args:
        given: HOST:PORT; or `auto` for the one in RAY_ADDRESS, or else the cluster that
            `ray start` has joined on this machine.

    Raises:
        UsageError: there is none, it is of another kind, or nothing answers there.
    """
    address, source = _meant(given)
    try:
        with socket.create_connection(parts(address, source), PATIENCE) as connection:
            connection.sendall(HELLO)
            heard = connection.recv(HEAD_BYTES)
    except OSError as error:
        silent = isinstance(error, TimeoutError)
        why = f"nothing answers within {PATIENCE:g} seconds" if silent else error.strerror or error
        raise UsageError(f"--ray {printable(address)}{source}: {why}: {HOW}") from None
    if len(heard) < HEAD_BYTES or heard[3] != SETTINGS:
        raise UsageError(f"--ray {printable(address)}{source}: what answers is not Ray: {HOW}")
    return address


def parts(address: str, source: str = "") -> tuple[str, int]:
    """Return the host and the port of an address HOST:PORT.

    Args:
        address: the address.
        source: where it was found, for messages.

    Raises:
        UsageError: the address does not have this form.
    """
    if "://" in address:
        raise UsageError(
            f"--ray {printable(address)}{source}: nnlab has to run on a machine of the cluster; "
            "there, give --ray auto (ray job submit can start it there)"
        )
    host, colon, port = address.rpartition(":")
    if not (colon and host and port.isdecimal() and 0 < int(port) < 1 << 16):
        raise UsageError(
            f"--ray {printable(address)}{source}: it takes auto, local, or an address such as "
            "10.0.0.1:6379"
        )
    return host.strip("[]"), int(port)


def cluster_file() -> Path:
    """Return the file with the address of the cluster that `ray start` made or joined here."""
    return Path(os.environ.get("RAY_TMPDIR") or "/tmp") / "ray/ray_current_cluster"  # noqa: S108


def is_own(address: str) -> bool:
    """Return whether an address is that of the cluster that `ray start` made or joined here.

    The machine may be called otherwise, such as 127.0.0.1.
    """
    with suppress(OSError, UnicodeDecodeError, UsageError):
        host, port = parts(address)
        own_host, own_port = parts(cluster_file().read_text(encoding="utf-8").strip())
        return port == own_port and (host == own_host or (_is_here(host) and _is_here(own_host)))
    return False


def _is_here(host: str) -> bool:
    """Return whether a host is this machine: then a server can be opened at it."""
    try:
        with socket.create_server((host, 0)):
            return True
    except OSError:
        return False


def _meant(given: str) -> tuple[str, str]:
    """Return the address that `given` means, and where it was found, for messages."""
    if given != AUTO:
        return given, ""
    if address := os.environ.get("RAY_ADDRESS"):
        return address, " (from RAY_ADDRESS)"
    file = cluster_file()
    with suppress(OSError, UnicodeDecodeError):
        if address := file.read_text(encoding="utf-8").strip():
            return address, f" (from {file})"
    raise UsageError(
        "--ray auto: no Ray runs on this machine: start it with ray start --head, or with "
        "ray start --address=HOST:PORT to join a cluster; --ray local needs neither"
    )
