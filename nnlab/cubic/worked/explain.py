"""`nnlab explain RUN --step N`: what a step of a run did, in numbers."""

from functools import partial

from nnlab.cubic.config import CubicConfig
from nnlab.cubic.gradients import NETWORKS
from nnlab.cubic.network import Parameters
from nnlab.cubic.points import Points
from nnlab.cubic.replay import config_of, states
from nnlab.cubic.walk import Part, walk
from nnlab.cubic.worked.complete import worked
from nnlab.cubic.worked.digits import with_numbers
from nnlab.cubic.worked.exercise import exercise
from nnlab.cubic.worked.kinds import wrong_equations
from nnlab.cubic.worked.page import Asked, Page
from nnlab.cubic.worked.rest import rest_of
from nnlab.cubic.worked.summary import summary
from nnlab.cubic.worked.unit import first_unit
from nnlab.errors import UsageError
from nnlab.runs.saved import SavedRun
from nnlab.text import printable

MOST_UNITS, MOST_SAMPLES = 4, 16  # of a step that is written out completely


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
    (_, before), (_, after) = states(small, [asked.step, asked.step + 1], told=asked.told)
    title = f"{name}: the step from {asked.step:,} to {asked.step + 1:,}, in numbers"
    notes = wrong_equations(config.gradient)
    if small.hidden != config.hidden:
        notes.insert(0, _small_network(name, config, small))
    page = Page(title, notes)
    *_, used = walk(small, Points(small), asked.step, asked.step + 1, every=small.steps_per_epoch)
    if small.hidden <= MOST_UNITS and len(used.x) <= MOST_SAMPLES:
        make = partial(worked, before, used.x, small.lr, small.gradient)
        return with_numbers(page, make, after)
    return _in_summary(small, page, before, after, used)


def _in_summary(
    config: CubicConfig, page: Page, before: Parameters, after: Parameters, used: Part
) -> Page:
    """Return the page of a step that is too large to write out."""
    network, one = NETWORKS[config.gradient](before, len(used.x)), len(used.x) == 1
    network.forward(used.x)
    network.backward(used.x, used.y)
    tables = summary(network, after, used.x, used.y, config.gradient)
    page = Page(page.title, [*page.notes, *_why_in_summary(config, len(used.x))], tables=tables)
    if config.hidden <= MOST_UNITS:
        return _first_sample(config, page, before, after, used)
    if not one:
        return page
    unit = (
        "The lines after the tables follow the first unit of each layer. There h2[1], f and d1[1] "
        "are given, because they sum over all units."
    )
    page = page._replace(notes=[*page.notes, unit])
    return with_numbers(page, partial(first_unit, network, used.x, config.lr), after)


def _first_sample(
    config: CubicConfig, page: Page, before: Parameters, after: Parameters, used: Part
) -> Page:
    """Return the page with the lines of the first sample of a large batch."""
    told = (
        "The lines after the tables follow the first sample of the batch. What the other "
        f"{len(used.x) - 1:,} samples add to a sum is given, in numbers that are named rest."
    )
    page = page._replace(notes=[*page.notes, told])
    kind = config.gradient
    rest = rest_of(before, used.x, used.y, kind)
    make = partial(worked, before, used.x[:1], config.lr, kind, rest=rest)
    return with_numbers(page, make, after)


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
    if config.hidden > MOST_UNITS:
        what = "every number" if batch <= MOST_SAMPLES else "the numbers of one sample"
        notes.append(f"For {what} of a small network, add --units 2.")
    return notes
