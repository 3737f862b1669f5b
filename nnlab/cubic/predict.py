"""`nnlab predict` for a run of `nnlab cubic`: f(x) beside x^3."""

import itertools
import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from nnlab.config.resolve import resolve
from nnlab.cubic import data
from nnlab.cubic.config import CubicConfig
from nnlab.cubic.network import Backpropagation, Parameters
from nnlab.cubic.restored import parameters
from nnlab.errors import UsageError
from nnlab.reports.answers import Answer, Answers, Asked, Column
from nnlab.runs import copies
from nnlab.runs.saved import SavedRun
from nnlab.text import clipped, printable

STDIN = "-"
LONGEST = 1000  # bytes of a line on standard input, without its end
COLUMNS = (
    Column("x", 12, right=True),
    Column("prediction", 12, right=True),
    Column("truth", 12, right=True),
    Column("error", 12, right=True),
    Column("", 7),
)


class Seen(NamedTuple):
    """The interval that the training points come from."""

    low: float
    high: float


def predict(saved: SavedRun, asked: Asked) -> Answers:
    """Compute f(x), x^3 and f(x) - x^3 for each number x.

    Raises:
        UsageError: an input is not a number, or a flag is for images; or as `parameters`.
        DataError: as `parameters`.
    """
    if asked.image_flag:
        raise UsageError(
            f"{asked.image_flag} is for images, and {saved.path} is a run of cubic: give it "
            "numbers x, or - to read them from standard input"
        )
    if not asked.inputs:
        raise UsageError("give numbers x, or - to read them from standard input, one a line")
    if STDIN in asked.inputs and len(asked.inputs) > 1:
        raise UsageError(f"{STDIN} reads all numbers from standard input; leave out the others")
    weights, note = parameters(saved)
    numbers = _lines() if STDIN in asked.inputs else iter(_typed(saved, asked, weights))
    if note:
        asked.note(note)
    return Answers(COLUMNS, _answers(numbers, weights, seen(saved), asked))


def seen(saved: SavedRun) -> Seen:
    """Return the interval of the run's training points.

    Where they came from a file that is gone, this is the whole line, because nobody knows.
    """
    config = resolve(CubicConfig, saved.path / "config.yaml", {}).config
    if not config.points:
        return Seen(-2.0, 2.0)
    config = copies.stand_in(config, saved.path, saved.record.get("inputs", {}))
    try:
        x, _ = data.points(config)
    except UsageError:
        return Seen(-math.inf, math.inf)
    return Seen(float(x.min()), float(x.max()))


def _typed(saved: SavedRun, asked: Asked, weights: Parameters) -> list[float]:
    """Return the numbers of the command line; all of them are checked before the first answer."""
    numbers = []
    for text in asked.inputs:
        try:
            numbers.append(_number(text))
        except ValueError as fault:
            raise UsageError(
                f"{fault}; {saved.path} is a run of cubic, which takes numbers x"
            ) from None
    for x in numbers:
        _check(x, weights)
    return numbers


def _lines() -> Iterator[float]:
    """Yield the numbers on standard input, one a line, as they come; empty lines are skipped."""
    with open(0, "rb", closefd=False) as stdin:  # sys.stdin may be closed
        for count in itertools.count(1):
            line = stdin.readline(LONGEST + 1)
            if not line:
                return
            if len(line.removesuffix(b"\n")) > LONGEST:
                raise UsageError(
                    f"line {count:,} of standard input is longer than {LONGEST:,} bytes"
                )
            if not line.strip():
                continue
            try:
                yield _number(line.decode(errors="replace"))
            except ValueError as fault:
                raise UsageError(f"line {count:,} of standard input: {fault}") from None


def _number(text: str) -> float:
    """Return the finite number in `text`; raise ValueError if it is not one."""
    said = printable(clipped(text.strip(), 60))
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{said!r} is not a number") from None
    if not math.isfinite(number):
        raise ValueError(f"{said!r} is not a finite number")
    return number


def _check(x: float, weights: Parameters) -> None:
    """Refuse a number whose cube is infinite in the network's type."""
    dtype = weights["W2"].dtype
    if abs(x) > float(np.finfo(dtype).max) ** (1 / 3):
        raise UsageError(f"x = {x:g}: its cube is more than {dtype} can hold")


def _answers(
    numbers: Iterator[float], weights: Parameters, seen: Seen, asked: Asked
) -> Iterator[Answer]:
    network, warned = Backpropagation(weights, 1), False
    dtype = weights["W2"].dtype
    for x in numbers:
        _check(x, weights)
        inside = seen.low <= x <= seen.high
        if not (inside or warned):
            asked.note(
                f"warning: the network never saw an x outside ({seen.low:g}, {seen.high:g}), such "
                f"as {x:g}; there its prediction means nothing"
            )
            warned = True
        prediction = float(network.forward(np.array([[x]], dtype))[0, 0])
        truth = x**3
        error = prediction - truth
        cells = [f"{number:.6g}" for number in (x, prediction, truth, error)]
        yield Answer(
            [*cells, "" if inside else "outside"],
            {"x": x, "prediction": prediction, "truth": truth, "error": error, "inside": inside},
        )
