"""The states of a run as a function of the step; asking twice costs little."""

from collections.abc import Callable, Iterable

from nnlab.cubic.config import CubicConfig
from nnlab.cubic.network import Parameters
from nnlab.cubic.points import Points
from nnlab.cubic.replay import states
from nnlab.cubic.state import State
from nnlab.reports.parting import Sample, Visit

MOST_SNAPSHOTS = 64
SNAPSHOT_BYTES = 256 << 20  # of all snapshots of a trajectory


def snapshot_steps(config: CubicConfig, total: int) -> list[int]:
    """Return evenly spaced steps from 0 to `total`, as many as memory allows."""
    size = 8 * (config.hidden**2 + 4 * config.hidden + 1)
    count = min(MOST_SNAPSHOTS, max(1, SNAPSHOT_BYTES // size), max(1, total))
    return sorted({round(total * part / count) for part in range(count + 1)})


class Trajectory:
    """The parameters of a run after each of its steps.

    The training goes on from the nearest state before that is known: the start, a snapshot, or a
    step that was asked for earlier.

    Args:
        config: the config of the run; its input files are those that it began with.
        snapshots: steps whose states are kept when the training passes them.
        told: called with the number of steps taken, several times a second.

    Attributes:
        replays: how often the training was repeated.
    """

    def __init__(
        self,
        config: CubicConfig,
        snapshots: Iterable[int],
        told: Callable[[int], object] = lambda _: None,
    ) -> None:
        self.replays = 0
        self._config, self._told = config, told
        self._wanted = set(snapshots)
        self._known: dict[int, Parameters] = {}

    def __call__(self, step: int) -> Parameters:
        """Return the parameters after `step`; they must not be changed. Raises as `states`."""
        if step not in self._known:
            self.replays += 1
            before = max((at for at in self._known if at < step), default=None)
            start = None if before is None else State(_copy(self._known[before]), before)
            on_the_way = {at for at in self._wanted if at < step and (before or 0) < at}
            steps = {step, *on_the_way, *({0} if before is None else ())}
            self._known |= dict(states(self._config, steps, start, self._told))
        return self._known[step]


def visit(config: CubicConfig, step: int) -> Visit:
    """Return what step number `step`, from 1, of a run uses. Raises as `Points`."""
    points = Points(config)
    epoch, place = divmod(step - 1, config.steps_per_epoch)
    batch = points.order(epoch)[place * config.batch_size :][: config.batch_size]
    x, y = points.pairs(points.stored()[batch])
    samples = map(Sample, batch.tolist(), x[:, 0].tolist(), y[:, 0].tolist())
    return Visit(epoch + 1, tuple(samples))


def _copy(parameters: Parameters) -> Parameters:
    return {name: array.copy() for name, array in parameters.items()}
