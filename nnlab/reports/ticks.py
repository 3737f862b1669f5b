"""The numbers at the axes of the pictures of studies and sweeps."""

import math
from collections.abc import Sequence

from matplotlib.axis import Axis
from matplotlib.ticker import FixedLocator, MaxNLocator, NullFormatter

NO_SPREAD = 1.0001  # from the lowest to the highest: values that are equal but for rounding
MANTISSAS = ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7))  # from few labels to many
ENOUGH = 3  # labels of a logarithmic axis, at least
LETTER, LINE, GAP = 0.095, 0.16, 0.12  # inches: the width and height of a label, between two
MOST = 6  # labels of a linear axis, or a little more
STEPS = (1, 2, 2.5, 5, 10)
FEW_WHOLE = 11  # a linear axis this long shows each whole number
THOUSANDS = 1000


def label_log(axis: Axis, inches: float) -> None:
    """Put at least three numbers that people read on a logarithmic axis of a length in inches."""
    low, high = sorted(axis.get_view_interval())
    if high / low < NO_SPREAD:  # Matplotlib cannot draw an axis without length
        low, high = low / 1.15, high * 1.15
        axis.set_view_interval(low, high, ignore=True)
    across = axis is axis.axes.xaxis
    axis.set_major_locator(FixedLocator(log_ticks(low, high, inches, across=across)))
    axis.set_major_formatter("{x:,.7g}")
    axis.set_minor_formatter(NullFormatter())


def log_ticks(low: float, high: float, inches: float, *, across: bool) -> list[float]:
    """Return the places of the labels from `low` to `high`, both above zero.

    Args:
        low: the lower end of the axis.
        high: its upper end.
        inches: its length.
        across: whether the labels stand side by side, not one above the other.
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    tries = [
        [10.0**power for power in range(first - first % step, last + 1, step)] for step in (3, 2)
    ]
    tries += [
        [mantissa * 10.0**power for power in range(first, last + 1) for mantissa in mantissas]
        for mantissas in MANTISSAS
    ]
    tries += [
        list(map(float, MaxNLocator(most, steps=STEPS).tick_values(low, high)))
        for most in range(3, 9)
    ]
    inside = [[tick for tick in each if low <= tick <= high] for each in tries]
    fitting = [each for each in inside if _fit(each, low, high, inches, across=across)]
    wanted = [each for each in fitting if len(each) > ENOUGH]
    return wanted[0] if wanted else max(fitting, key=len, default=[])


def _fit(ticks: Sequence[float], low: float, high: float, inches: float, *, across: bool) -> bool:
    """Return whether no label touches the next."""
    places = [inches * math.log(tick / low) / math.log(high / low) for tick in ticks]
    sizes = [LETTER * len(f"{tick:,.7g}") if across else LINE for tick in ticks]
    return all(
        after - before > (size + next_size) / 2 + GAP
        for before, after, size, next_size in zip(
            places, places[1:], sizes, sizes[1:], strict=False
        )
    )


def label_linear(axis: Axis, *, whole: bool) -> None:
    """Put few numbers on a linear axis, with commas in thousands; only whole ones if `whole`."""
    low, high = axis.get_view_interval()
    if whole and high - low < 2:  # noqa: PLR2004 - one value: show its neighbours, too
        low, high = low - 1, high + 1
        axis.set_view_interval(low, high, ignore=True)
    most = FEW_WHOLE if whole and high - low <= FEW_WHOLE else MOST
    axis.set_major_locator(MaxNLocator(most, integer=whole, steps=STEPS))
    if max(map(abs, axis.get_view_interval())) >= THOUSANDS:
        axis.set_major_formatter("{x:,.7g}")
