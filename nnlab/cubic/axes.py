"""The x axes of the curves of `nnlab cubic`."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from nnlab.cubic.config import CubicConfig
from nnlab.reports.groups import Axes
from nnlab.runs.columns import packed
from nnlab.runs.saved import SavedRun


class _Computed(Mapping[str, Sequence[float]]):
    """Axes that are computed each time they are asked for: a run may have a million log points."""

    def __init__(self, computed: Mapping[str, Callable[[], Sequence[float]]]) -> None:
        self._computed = computed

    def __getitem__(self, name: str) -> Sequence[float]:
        return self._computed[name]()

    def __contains__(self, name: object) -> bool:
        return name in self._computed

    def __iter__(self) -> Iterator[str]:
        return iter(self._computed)

    def __len__(self) -> int:
        return len(self._computed)


def axes(saved: SavedRun, config: CubicConfig) -> Axes:
    """Return steps, samples seen, epochs and seconds at each log point of a run.

    The epoch is step / steps per epoch, with its fraction. The last batch of an epoch may be
    smaller, so samples seen are those of the whole epochs, and batch_size for each step after them.
    """
    columns = saved.metrics
    steps = columns.get("step", [])

    def samples(step: float) -> float:
        epochs, rest = divmod(step, config.steps_per_epoch)
        return epochs * config.samples + rest * config.batch_size

    return _Computed({
        "step": lambda: steps,
        "samples": lambda: packed(map(samples, steps)),
        "epoch": lambda: packed(step / config.steps_per_epoch for step in steps),
        "seconds": lambda: columns.get("seconds", []),
    })  # fmt: skip
