"""What Ray calls on a node: it looks whether the node can do the work, then does it.

Everything that has to be installed is imported after the look at the versions.
"""

import platform
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from nnlab.jobs.ray_versions import difference

if TYPE_CHECKING:
    from nnlab.jobs.ray_node import Call, Ended, Saved


class Wanted(NamedTuple):
    """What a node must have.

    Attributes:
        versions: name -> version.
        files: absolute path -> digest (`nnlab.jobs.ray_digest.digest`).
        data: as in `nnlab.jobs.task.Needs`.
    """

    versions: Mapping[str, str]
    files: Mapping[str, str] = {}
    data: str = ""


class Unfit(NamedTuple):
    """This node cannot do the work.

    Attributes:
        why: one message for the user; "" if only the published data are missing.
    """

    why: str


class Begun(NamedTuple):
    """The first call of a pack begins.

    Attributes:
        node: the name of the machine.
    """

    node: str


_FIT: list[Wanted] = []  # what this process has looked at


def look(wanted: Wanted) -> Unfit | None:
    """Return why this node cannot do the work; None if it can."""
    if wanted in _FIT:
        return None
    if why := difference(wanted.versions, platform.node()):
        return Unfit(why)
    from nnlab.jobs.ray_digest import digest, lacking

    for path, expected in wanted.files.items():
        if digest(path) != expected:
            return Unfit(
                f"node {platform.node()} lacks {path}, or has another one there; nnlab sends no "
                "files of your own to nodes: put it at the same path on each, or on a shared disk"
            )
    if wanted.data and lacking(wanted.data):
        return Unfit("")
    _FIT.append(wanted)
    return None


def keep(data: str, contents: Mapping[str, bytes]) -> None:
    """Store published data on this node."""
    from pkgutil import resolve_name

    resolve_name(f"{data}:keep")(contents)


def pack(
    calls: "Sequence[Call]", wanted: Wanted, environment: Mapping[str, str], seconds: float
) -> "Iterator[Unfit | Begun | Saved | Ended]":
    """Make calls one after the other, and yield what comes of them.

    Args:
        calls: the calls.
        wanted: what this node must have.
        environment: variables of this process.
        seconds: the time after which no call begins; the driver gives the rest to other nodes.
    """
    if unfit := look(wanted):
        yield unfit
        return
    yield Begun(platform.node())
    from nnlab.jobs.ray_node import made

    yield from made(calls, environment, seconds)
