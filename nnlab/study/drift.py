"""What validation promises for rows in time order, split before or after they are shuffled.

A series drifts: y_t = y_(t-1) + e_t with e_t from N(0, 1), so that rows close in time are alike.
Its last fifth is the future. Of the rows before it, a quarter is for validation, as many rows as
the future has. What is learned is as simple as can be: the prediction for a row is the value of
the training row that is nearest in time. Where the validation rows lie between training rows, it
knows what came just before and after them. Of the future, nobody knows what comes after.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnlab import seeds

Array = NDArray[np.float64]
Rows = NDArray[np.int64]

ROWS, FUTURE = 500, 100
SERIES = 20  # a seed: the mean over them tells the rule from the luck of one series


class Errors(NamedTuple):
    """Root mean squares of the errors, in standard deviations of a step of the series.

    Attributes:
        shuffled_first: on validation rows that were drawn at random.
        split_first: on the validation rows when they are the last before the future.
        future: on the future, when all rows before it are for training.
    """

    shuffled_first: float
    split_first: float
    future: float


def errors(seed: int) -> Errors:
    """Return the errors over the SERIES of a seed."""
    past = ROWS - FUTURE
    squares = np.zeros(3)
    for series in range(SERIES):
        rng = seeds.generator(seed, seeds.Purpose.SERIES, series)
        y = rng.normal(size=ROWS).cumsum()  # (rows,)
        rows, future = np.arange(past), np.arange(past, ROWS)
        for place, order in enumerate((rng.permutation(past), rows)):
            squares[place] += squared_error(y, order[:-FUTURE], order[-FUTURE:])
        squares[2] += squared_error(y, rows, future)
    return Errors(*np.sqrt(squares / SERIES).tolist())


def squared_error(y: Array, training: Rows, asked: Rows) -> float:
    """Return the mean squared error on the rows `asked`; y is (rows,), in the order of time."""
    training = np.sort(training)  # of two rows that are as near, the earlier one
    nearest = training[np.abs(asked[:, None] - training).argmin(axis=1)]  # (asked,)
    return float(np.mean((y[asked] - y[nearest]) ** 2))
