"""Random search: each setting is drawn evenly from the space.

Setting i depends only on the seed and on i, so a longer sweep begins as a shorter one does.
"""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nnlab.seeds import Purpose, generator
from nnlab.sweep.plan import Axis, Choices, Keys, Range

if TYPE_CHECKING:
    from numpy.random import Generator


def setting(space: Mapping[str, Axis], seed: int, number: int) -> Keys:
    """Return the setting of trial `number`.

    Args:
        space: the axes.
        seed: seed of the search.
        number: number of the trial, from 0.
    """
    draws = generator(seed, Purpose.SETTING, number)
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
