"""An axis of a film's pictures, or the scale of their colours."""

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Kind = Literal["linear", "log", "symlog", "sqrt"]
FEW = 3  # labels of a linear axis, at least
BESIDE = 0.08  # how near to another label of a legend there is no room


@dataclass(frozen=True)
class Axis:
    """An axis, or the scale of a colour.

    Attributes:
        label: what it shows, with its unit.
        low: the value at its start.
        high: the value at its end.
        kind: symlog is linear from -`linear` to `linear`, and logarithmic beyond.
        linear: the end of the linear part of a symlog axis; a log axis starts here at the lowest.
    """

    label: str
    low: float
    high: float
    kind: Kind = "linear"
    linear: float = 1e-3

    def place(self, values: Array) -> Array:
        """Return where the values are on the axis: 0 at its start, 1 at its end, cut off there."""
        low, high = self._moved(np.array([self.low, self.high]))
        moved = self._moved(np.asarray(values, np.float64))
        return np.asarray(np.clip((moved - low) / (high - low or 1.0), 0, 1))

    def _moved(self, values: Array) -> Array:
        if self.kind == "log":
            return np.asarray(np.log10(np.maximum(values, self.linear)))
        if self.kind == "sqrt":
            return np.asarray(np.sqrt(np.maximum(values, 0)))
        if self.kind == "symlog":
            return np.asarray(np.sign(values) * np.log1p(np.abs(values) / self.linear))
        return values

    def ticks(self) -> list[tuple[float, str]]:
        """Return the place and the text of each label, six or so."""
        values = np.array(sorted(self._ticks()))
        values = values[(values >= self.low - 1e-12) & (values <= self.high + 1e-12)]
        return [
            (place, f"{value:,.7g}".replace("-", "−"))
            for place, value in zip(self.place(values).tolist(), values.tolist(), strict=True)
        ]

    def legend(self) -> list[tuple[float, str]]:
        """Return the labels of a scale of colours: those between its ends, and the ends."""
        inside = [tick for tick in self.ticks() if BESIDE < tick[0] < 1 - BESIDE]
        low, high = (f"{end:,.2g}".replace("-", "−") for end in (self.low, self.high))
        return [(0.0, low), *inside, (1.0, high)]

    def _ticks(self) -> list[float]:
        if self.kind == "sqrt":
            return [0, 0.01, 0.05, 0.1, 0.2, 0.4, 0.7, 1]
        if self.kind == "linear":
            span = self.high - self.low or 1.0
            step = 10 ** math.floor(math.log10(span / FEW))
            step *= max(m for m in (1, 2, 5) if span / (m * step) >= FEW or m == 1)
            return [n * step for n in range(math.ceil(self.low / step), int(self.high / step) + 2)]
        if self.kind == "log":
            return self._log_ticks()
        first = math.floor(math.log10(self.linear))
        last = math.floor(math.log10(max(abs(self.low), abs(self.high), self.linear)))
        powers = [10.0**power for power in range(last, first, -max(1, (last - first) // 4))]
        return [0.0, *powers, *(-power for power in powers)]

    def _log_ticks(self) -> list[float]:
        first, last = (math.floor(math.log10(max(v, self.linear))) for v in (self.low, self.high))
        if last - first < FEW:
            return [m * 10.0**power for power in range(first, last + 1) for m in (1, 2, 5)]
        return [10.0**power for power in range(last, first, -max(1, (last - first) // 4))]

    def joined(self, other: "Axis") -> "Axis":
        """Return the axis that holds both, so that two runs can be compared by eye."""
        return replace(self, low=min(self.low, other.low), high=max(self.high, other.high))
