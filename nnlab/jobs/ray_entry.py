"""What Ray calls on a node: it looks whether the node can do the work, then does it.

Everything that has to be installed is imported after the look.
"""

import platform
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from nnlab.jobs.ray_versions import difference

if TYPE_CHECKING:
    from nnlab.jobs.ray_node import Call, Ended, Saved


class Refused(NamedTuple):
    """This node cannot do the work.

    Attributes:
        why: one message for the user.
    """

    why: str


class Begun(NamedTuple):
    """The first call of a pack begins.

    Attributes:
        node: the name of the machine.
    """

    node: str


def look(wanted: Mapping[str, str]) -> str:
    """Return why this node cannot do the work; "" if it can."""
    return difference(wanted, platform.node())


def pack(
    calls: "Sequence[Call]", wanted: Mapping[str, str], environment: Mapping[str, str]
) -> "Iterator[Refused | Begun | Saved | Ended]":
    """Make calls one after the other, and yield what comes of them.

    Args:
        calls: the calls.
        wanted: the versions that this node must have.
        environment: variables of this process.
    """
    if why := look(wanted):
        yield Refused(why)
        return
    yield Begun(platform.node())
    from nnlab.jobs.ray_node import made

    yield from made(calls, environment)
