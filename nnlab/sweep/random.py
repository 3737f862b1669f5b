"""Random search: each setting is drawn evenly from the space.

Setting i depends only on the seed, on i and on the space, so a longer sweep begins as a shorter
one does. Where the space has a finite number of settings, none is drawn twice.
"""

import json
import math
from collections.abc import Iterator, Mapping
from itertools import count
from typing import TYPE_CHECKING, Any

from nnlab.seeds import Purpose, generator
from nnlab.sweep.grid import size
from nnlab.sweep.plan import Axis, Choices, Keys, Range

if TYPE_CHECKING:
    import numpy as np
    from numpy.random import Generator
    from numpy.typing import NDArray

MOST_SHUFFLED = 1_000_000  # settings of a space; of a larger one, repeats are drawn again


def settings(space: Mapping[str, Axis], seed: int) -> Iterator[Keys]:
    """Yield the settings of trials 0, 1, ...; the end comes when a finite space has no more.

    Args:
        space: the axes.
        seed: seed of the search.
    """
    points = size(space)
    if points is None:
        yield from (setting(space, seed, number) for number in count())
    elif points <= MOST_SHUFFLED:
        yield from _shuffled(space, seed)
    else:
        yield from _unlike(space, seed, points)


def name_of(keys: Keys) -> str:
    """Return text that is equal for equal settings only."""
    return json.dumps(keys, sort_keys=True)


def _shuffled(space: Mapping[str, Axis], seed: int) -> Iterator[Keys]:
    """Yield all settings of a space in random order, as draws without repeats come.

    The order of log(weight) + Gumbel noise is that of draws without replacement (Yellott, 1977).
    """
    import numpy as np

    likely = np.zeros(1)
    for axis in space.values():
        likely = np.add.outer(likely, _log_weights(axis)).ravel()
    noise = generator(seed, Purpose.SETTING).gumbel(size=likely.size)
    counts = [size({key: axis}) or 0 for key, axis in space.items()]
    for place in np.argsort(-(likely + noise), kind="stable"):
        places = np.unravel_index(place, counts)
        yield {
            key: axis.values[at] if isinstance(axis, Choices) else int(axis.low) + int(at)
            for (key, axis), at in zip(space.items(), places, strict=True)
        }


def _log_weights(axis: Axis) -> "NDArray[np.float64]":
    """Return the logarithm of how likely each value of a finite axis is, up to a constant."""
    import numpy as np

    if isinstance(axis, Choices) or not axis.log:
        return np.zeros(size({"": axis}) or 0)
    values = np.arange(int(axis.low), int(axis.high) + 1)
    return np.log(np.log((values + 0.5) / (values - 0.5)))


def _unlike(space: Mapping[str, Axis], seed: int, points: int) -> Iterator[Keys]:
    """Yield settings; one that was drawn before is drawn again, from the same stream."""
    seen: set[str] = set()
    for number in range(points):
        draws = generator(seed, Purpose.SETTING, number)
        while (name := name_of(keys := _setting(space, draws))) in seen:
            pass
        seen.add(name)
        yield keys


def setting(space: Mapping[str, Axis], seed: int, number: int) -> Keys:
    """Return the setting of trial `number`, whatever was drawn before.

    Args:
        space: the axes.
        seed: seed of the search.
        number: number of the trial, from 0.
    """
    return _setting(space, generator(seed, Purpose.SETTING, number))


def _setting(space: Mapping[str, Axis], draws: "Generator") -> Keys:
    return {key: _drawn(axis, draws) for key, axis in space.items()}


def _drawn(axis: Axis, draws: "Generator") -> Any:  # noqa: ANN401 - a value can be of any type
    """Return one value of an axis."""
    if isinstance(axis, Choices):
        return axis.values[int(draws.integers(len(axis.values)))]
    if axis.whole:
        return _whole(axis, draws)
    return _between(axis.low, axis.high, axis, draws)


def _whole(axis: Range, draws: "Generator") -> int:
    """Return a whole number of a range, its ends included."""
    low, high = int(axis.low), int(axis.high)
    if not axis.log:
        return int(draws.integers(low, high, endpoint=True))
    # Half a unit more at each end, so that the ends are as likely as numbers beside them.
    drawn = round(_between(low - 0.5, high + 0.5, axis, draws))
    return min(max(drawn, low), high)


def _between(low: float, high: float, axis: Range, draws: "Generator") -> float:
    """Return a number between `low` and `high`, drawn evenly or log-evenly, as `axis` says."""
    if not axis.log:
        return float(draws.uniform(low, high))
    drawn = math.exp(draws.uniform(math.log(low), math.log(high)))
    return min(max(drawn, low), high)  # exp(log(low)) can be less than low
