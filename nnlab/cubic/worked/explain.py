"""`nnlab explain RUN --step N`: what a step of a run did, in numbers."""

from decimal import Decimal
from itertools import product

import numpy as np

from nnlab.cubic import data
from nnlab.cubic.config import CubicConfig
from nnlab.cubic.network import Array, Parameters
from nnlab.cubic.replay import config_of, states
from nnlab.cubic.worked.complete import EXACT, worked
from nnlab.cubic.worked.exercise import exercise
from nnlab.cubic.worked.kinds import wrong_equations
from nnlab.cubic.worked.page import Asked, Page
from nnlab.cubic.worked.sheet import agree, confirms, givens
from nnlab.cubic.worked.summary import summary
from nnlab.errors import UsageError
from nnlab.runs.saved import SavedRun
from nnlab.text import printable

MOST_UNITS = MOST_SAMPLES = 4  # of a step that is written out completely
NEW_DIGITS = (6, 5, 4, 3)  # of the new weights: the most that the run confirms
GUARD = range(2, 11)  # more digits of all other numbers


def explain(saved: SavedRun, asked: Asked) -> Page:
    """Write down one step of a run.

    Raises:
        UsageError: the run has no such step, is damaged, or lacks an input file.
        DivergedError: the run, or the small network, diverges before the step's end.
    """
    config, name = config_of(saved), printable(saved.path.absolute().name)
    page = explained(config, name, asked)
    if saved.status == "completed" or asked.student:
        return page
    note = (
        f"{name} is {saved.status}. The step is computed from its config, whether or not the run "
        "came so far."
    )
    return page._replace(notes=[note, *page.notes])


def explained(config: CubicConfig, name: str, asked: Asked) -> Page:
    """Write down one step of the run that has this config and this name; raises as `explain`."""
    steps = config.steps_per_epoch * config.epochs
    if not 0 <= asked.step < steps:
        raise UsageError(
            f"--step {asked.step:,}: {name} takes {steps:,} steps, so N is 0 to {steps - 1:,}"
        )
    if asked.units is not None and not 1 <= asked.units <= MOST_UNITS:
        raise UsageError(
            f"--units {asked.units}: a step is written out for 1 to {MOST_UNITS} units"
        )
    if asked.student:
        return exercise(config, name, asked.step, asked.units or 2, asked.student)
    small = config
    if asked.units:
        small = config.model_copy(update={"hidden": asked.units, "init_from": None})
    (_, before), (_, after) = states(small, [asked.step, asked.step + 1])
    title = f"{name}: the step from {asked.step:,} to {asked.step + 1:,}, in numbers"
    notes, (x, y) = wrong_equations(config.gradient), _batch(small, asked.step)
    if small.hidden != config.hidden:
        notes.insert(0, _small_network(name, config, small))
    if small.hidden <= MOST_UNITS and len(x) <= MOST_SAMPLES:
        return _complete(small, Page(title, notes), before, after, x)
    page = Page(title, [*notes, *_why_in_summary(small, len(x))])
    return page._replace(tables=summary(before, after, x, y, small.gradient))


def _small_network(name: str, config: CubicConfig, small: CubicConfig) -> str:
    """Return what the small network has to do with the run."""
    own = " and init_from" * (config.init_from is not None)
    return (
        f"This is not the network of {name}, but a small one with hidden: {small.hidden}. It is "
        f"trained with the config of {name}, except hidden{own}."
    )


def _why_in_summary(config: CubicConfig, batch: int) -> list[str]:
    """Return the notes of a step that is too large to write out."""
    why = [f"{config.hidden:,} units in a layer"] * (config.hidden > MOST_UNITS)
    why += [f"{batch:,} samples in the batch"] * (batch > MOST_SAMPLES)
    notes = [
        f"In summary, because there are {' and '.join(why)}. The norm of a block is the root of "
        "the sum of its squares." + " A row of h, d, f, x, y or e is a sample." * (batch > 1)
    ]
    if batch <= MOST_SAMPLES:
        notes.append("For every number of a small network, add --units 2.")
    return notes


def _complete(
    config: CubicConfig, page: Page, before: Parameters, after: Parameters, x: Array
) -> Page:
    """Return the page of a step that is written out.

    Each line rounds its result, and these errors add up. So the numbers get as many digits as it
    takes for every result to have `new` right digits, and for the new parameters to be those of the
    run; float32, whose own rounding is coarser, leaves fewer.

    Raises:
        UsageError: no number of digits gives the parameters of the run.
    """
    exact = worked(before, x, config.lr, config.gradient, digits=EXACT, new_digits=EXACT)
    for new, guard in product(NEW_DIGITS, GUARD):
        sheet = worked(before, x, config.lr, config.gradient, digits=new + guard, new_digits=new)
        if confirms(sheet, after, new) and agree(sheet, exact, Decimal(10) ** (1 - new)):
            rounding = (
                f"Every number is rounded to {new + guard} significant digits, and the next lines "
                f"use it as it is printed. The new weights are rounded to {new} digits, and are "
                "those that the training has after the step."
            )
            given = givens(sheet, before)
            return Page(page.title, [*page.notes, rounding], given, sheet.sections)
    raise UsageError(
        f"this step cannot be written in decimal numbers: rounding in {config.dtype} changes the "
        f"first {min(NEW_DIGITS)} digits of a new weight; choose another --step"
    )


def _batch(config: CubicConfig, step: int) -> tuple[Array, Array]:
    """Return the samples that a step uses, x and y, each (batch, 1)."""
    x, y = data.points(config)
    epoch, within = divmod(step, config.steps_per_epoch)
    begin = within * config.batch_size
    used = data.order(config, epoch, x)[begin : begin + config.batch_size]
    return np.asarray(x[used]), np.asarray(y[used])
