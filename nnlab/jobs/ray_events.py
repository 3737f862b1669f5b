"""What the driver hears of a pack: the events that its node yields, and its end."""

from typing import Any, NamedTuple, cast

from nnlab.errors import NnlabError, UsageError
from nnlab.jobs.ray_entry import Begun, Unfit
from nnlab.jobs.ray_node import Ended, Saved
from nnlab.jobs.ray_nodes import last_line


class Over(NamedTuple):
    """The node works on this pack no more.

    Attributes:
        lost: how its worker died; "" if it did not.
    """

    lost: str = ""


class DataMissing(NamedTuple):
    """The node lacks the published data, and has not begun."""


Event = Begun | Saved | Ended | Over | DataMissing


def next_event(generator: Any) -> Event:  # noqa: ANN401 - Ray has no types
    """Return the next event of a pack; `ray.wait` has said that there is one.

    Raises:
        UsageError: the node cannot do the work, and says why.
        NnlabError: Ray cannot make it do the work.
    """
    import ray

    try:
        event = ray.get(next(generator))
    except StopIteration:
        return Over()
    except ray.exceptions.RayTaskError as error:
        raise NnlabError(f"a node cannot do the work: {last_line(error)}") from error
    except ray.exceptions.RuntimeEnvSetupError as error:
        raise NnlabError(f"Ray cannot set a node up: {last_line(error)}") from error
    except ray.exceptions.RayError as error:
        return Over(type(error).__name__)
    if isinstance(event, Unfit):
        if event.why:
            raise UsageError(event.why)
        return DataMissing()
    return cast("Event", event)
