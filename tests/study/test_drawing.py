"""Pictures of rows that are hard to draw. Warnings are errors."""

import io
import math

from nnlab.study.panels import Means, panels
from nnlab.study.results import Results, Row


def test_values_that_are_equal_but_for_rounding_on_a_logarithmic_axis() -> None:
    last = math.nextafter(256, 300)
    rows = [
        Row("p", "a", seed, "steps", at, value)
        for seed in range(3)
        for at, value in (("1", 256.0), ("8", last))
    ]
    panel = Means(part="p", measure="steps", y_label="steps", log_x=True, log_y=True)
    figure = panels("Equal", panel)(Results(rows))
    figure.savefig(io.BytesIO())
    low, high = figure.axes[0].get_ylim()
    assert low < 256 < last < high
    assert high / low > 1.1
