"""A step to compute by hand, with other numbers for each student.

The weights and the sample are drawn, and drawn again until the step is a fair task with four
digits. The learning rate and the kind of gradient are those of a run.
"""

from decimal import Decimal

import numpy as np

from nnlab import seeds
from nnlab.cubic.config import CubicConfig, GradientKind
from nnlab.cubic.gradients import NETWORKS
from nnlab.cubic.network import Array, Backpropagation, shapes
from nnlab.cubic.worked.complete import worked
from nnlab.cubic.worked.digits import EXACT
from nnlab.cubic.worked.kinds import wrong_equations
from nnlab.cubic.worked.page import Page
from nnlab.cubic.worked.sheet import Sheet, agree, confirms, givens
from nnlab.errors import UsageError
from nnlab.text import printable

DIGITS = 4  # significant digits of every number
LR = 0.01, 0.1  # the least and the most: the weights then move in their last digits, not far
MOST_DRAWS = 100_000
SURE = 0.05  # a hidden unit is between this and 1 - SURE: it is not saturated
SMALLEST = Decimal("0.001")  # of every result
MOVED = 5e-4  # by which every weight changes: five units of its last digit
AGREES = Decimal("0.005")  # relative difference of a result from the one without rounding


def exercise(config: CubicConfig, run: str, step: int, units: int, student: str) -> Page:
    """Return the exercise of a student, with its results.

    Args:
        config: of the run that gives learning rate and kind of gradient.
        run: the name of the run.
        step: another step is another exercise.
        units: units in each hidden layer.
        student: the name.

    Raises:
        UsageError: no fair exercise was found.
    """
    lr = float(f"{np.clip(config.lr, *LR):.2g}")
    rng = seeds.named(student, config.seed, step, units)
    sheet = _found(rng, units, lr, config.gradient)
    task = (
        "Compute one step of backpropagation by hand, for one sample. Round each result to "
        f"{DIGITS} significant digits, and use the rounded number in the next lines."
    )
    taken = "equations and the learning rate" if lr == config.lr else "equations"
    source = (
        f"The weights and the sample are drawn for {printable(student)}. The {taken} are those of "
        f"{run}."
    )
    notes = [task, source, *wrong_equations(config.gradient)]
    title = f"Exercise of {printable(student)}: one step of backpropagation"
    return Page(title, notes, given=givens(sheet), sections=sheet.sections)


def _found(rng: np.random.Generator, units: int, lr: float, kind: GradientKind) -> Sheet:
    """Draw until the step is fair; return its sheet."""
    for _ in range(MOST_DRAWS):
        parameters = {name: _drawn(rng, 10, 99, shape) for name, shape in shapes(units).items()}
        x = _drawn(rng, 30, 190, (1, 1))
        network = NETWORKS[kind]({name: p.copy() for name, p in parameters.items()}, 1)
        network.forward(x)
        network.backward(x, x**3)
        if _suits(network, lr):
            sheet = worked(parameters, x, lr, kind, digits=DIGITS, new_digits=DIGITS)
            network.descend(lr)
            exact = worked(parameters, x, lr, kind, digits=EXACT, new_digits=EXACT)
            confirmed = confirms(sheet, network.parameters, DIGITS)
            if confirmed and _can_be_written(sheet) and agree(sheet, exact, AGREES):
                return sheet
    raise UsageError(f"no exercise with {units} units can be computed in {DIGITS} digits")


def _drawn(rng: np.random.Generator, least: int, most: int, shape: tuple[int, ...]) -> Array:
    """Return numbers with two decimals and a random sign; `least` and `most` are hundredths."""
    sizes = rng.integers(least, most, shape, endpoint=True)
    return np.asarray(sizes * rng.choice([-1, 1], shape) / 100)


def _suits(network: Backpropagation, lr: float) -> bool:
    """Return whether no unit is saturated, and every weight will move."""
    hidden = np.concatenate([network.h1, network.h2], axis=None)
    moves = np.concatenate([*network.gradients.values()], axis=None) * lr
    return bool(np.all((hidden > SURE) & (hidden < 1 - SURE)) and np.all(np.abs(moves) >= MOVED))


def _can_be_written(sheet: Sheet) -> bool:
    """Return whether no result is too small."""
    lines = (line for section in sheet.sections for line in section.lines)
    return all(abs(sheet[line.name].value) >= SMALLEST for line in lines)
