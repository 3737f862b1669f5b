"""Compare the gradient, block by block, with derivatives that did not come from its code."""

import numpy as np
from threadpoolctl import threadpool_limits

from nnlab import seeds
from nnlab.check import plots
from nnlab.check.compare import (
    COMPLEX,
    DIFFERENCES,
    TENSORFLOW,
    Block,
    Ground,
    compare,
    relative_error,
)
from nnlab.check.config import CheckConfig
from nnlab.check.numeric import (
    COMPLEX_STEP,
    DIFFERENCE_STEP,
    Derivative,
    central_difference,
    complex_step,
    mean_loss,
)
from nnlab.cubic.engines import blas_threads
from nnlab.cubic.gradients import EXPLANATIONS, gradients
from nnlab.cubic.network import Array, Backpropagation, Parameters
from nnlab.cubic.state import first_parameters
from nnlab.run import Run
from nnlab.text import columns

STEPS = np.logspace(-20, 0, 21)
LOOKED_AT = 10  # entries of each block, at each of the STEPS


class Steep(Backpropagation):
    """Backpropagation through units of slope 1."""

    def _slope(self, h: Array) -> Array:
        return np.ones_like(h)


Entries = dict[str, Array]
"""By block: flat indices of some entries, or the derivatives by these."""


def check(config: CheckConfig, run: Run) -> list[str]:
    """Check the gradient that `config` describes; fill `run` and return what to print, in lines.

    Raises:
        UsageError: the file of initial parameters cannot be used.
    """
    quiet = np.errstate(over="ignore", invalid="ignore")  # saturated units; the table shows it
    with quiet, threadpool_limits(blas_threads(config.hidden, config.batch_size), "blas"):
        return _check(config, run)


def _check(config: CheckConfig, run: Run) -> list[str]:
    parameters = first_parameters(config)
    x = seeds.generator(config.seed, seeds.Purpose.POINTS).uniform(-2, 2, (config.batch_size, 1))
    y = x**3
    ours = gradients(parameters, x, y, config.gradient)
    count = sum(p.size for p in parameters.values())
    run.begin(device={"asked": "cpu", "used": "cpu"}, parameters=count)
    chosen = {name: _chosen(config, name, g.size, config.entries) for name, g in ours.items()}
    total = sum(map(len, chosen.values()))
    run.view.note(f"{count:,} parameters, {total:,} to differentiate by")
    ways = {
        DIFFERENCES: central_difference(parameters, x, y),
        COMPLEX: complex_step(parameters, x, y),
    }
    best = {DIFFERENCES: DIFFERENCE_STEP, COMPLEX: COMPLEX_STEP}
    references = {way: _derivatives(d, best[way], chosen, run, way) for way, d in ways.items()}
    if config.autodiff:
        from nnlab.check.autodiff import tensorflow_gradients

        run.view.note("loading TensorFlow ...")
        references[TENSORFLOW] = _take(tensorflow_gradients(parameters, x, y), chosen)
    network = Steep(parameters, len(x))
    loss = mean_loss(network, x, y).real
    largest = float(max(np.abs(network.f).max(), np.abs(y).max()))
    steep = _take(network.backward(x, network.f - 1), chosen)
    why = EXPLANATIONS if config.gradient == "as-printed" else {}
    blocks = []
    for name, gradient in _take(ours, chosen).items():
        theirs = {way: found[name] for way, found in references.items()}
        ground = Ground(loss, largest, steep[name])
        blocks.append(compare(name, gradient, theirs, ground, why.get(name, "")))
    title = f"{config.gradient} gradient, {config.hidden} + {config.hidden} units"
    run.save("plots/blocks.png", plots.blocks_figure(blocks, title).savefig)
    few = {
        name: _chosen(config, name, g.size, min(LOOKED_AT, config.entries or LOOKED_AT))
        for name, g in ours.items()
    }
    right = _take(gradients(parameters, x, y), few)
    errors = {way: _by_step(d, few, right, run) for way, d in ways.items()}
    if config.gradient != "exact":
        errors["the printed gradient"] = [_worst(_take(ours, few), right)] * len(STEPS)
    run.save("plots/steps.png", plots.steps_figure(STEPS, errors, title).savefig)
    wrong = sum(block.verdict == "WRONG" for block in blocks)
    run.finish({"wrong_blocks": wrong}, blocks=[block.facts() for block in blocks])
    return report(blocks, title)


def _chosen(config: CheckConfig, block: str, size: int, most: int | None) -> Array:
    """Return the flat indices of all entries of a block, or of `most` random ones, in order."""
    if most is None or most >= size:
        return np.arange(size)
    rng = seeds.generator(config.seed, seeds.Purpose.ENTRIES, *block.encode())
    return np.sort(rng.choice(size, most, replace=False))


def _take(gradient: Parameters, chosen: Entries) -> Entries:
    return {name: gradient[name].flat[indices] for name, indices in chosen.items()}


def _derivatives(derivative: Derivative, h: float, chosen: Entries, run: Run, way: str) -> Entries:
    """Return the derivatives by the chosen entries, and say how it goes."""
    found: Entries = {}
    done, total = 0, sum(map(len, chosen.values()))
    for name, indices in chosen.items():
        found[name] = np.empty(len(indices))
        for k, index in enumerate(indices):
            found[name][k] = derivative(name, index, h)
            done += 1
            run.view.progress(done, total, way)
    return found


def _by_step(derivative: Derivative, few: Entries, right: Entries, run: Run) -> list[float]:
    """Return the relative error of a way to differentiate at each of the STEPS."""
    errors = []
    for h in STEPS:
        found = {name: np.array([derivative(name, i, h) for i in few[name]]) for name in few}
        errors.append(_worst(found, right))
        run.view.progress(len(errors), len(STEPS), "step sizes")
    return errors


def _worst(gradient: Entries, right: Entries) -> float:
    """Return the largest relative error of any block."""
    return max(relative_error(gradient[name], right[name]) for name in right)


def report(blocks: list[Block], title: str) -> list[str]:
    """Return the table of the blocks and what it means, in lines."""
    ways = list(blocks[0].errors)
    rows = [["block", "entries", *ways, "gradient"]]
    for block in blocks:
        errors = [_against(block.errors[way], block.limits[way]) for way in ways]
        rows.append([block.name, f"{block.entries:,}", *errors, block.verdict])
    right = all(block.verdict == "right" for block in blocks)
    return [
        f"{title}: relative error against",
        *columns(rows, right=True),
        *(["every block is right"] if right else filter(None, map(_said, blocks))),
    ]


def _against(error: float, limit: float) -> str:
    return f"{error:.1e} {'<' if error < limit else '>'} {limit:.0e}"


def _said(block: Block) -> str:
    """Return what there is to say of a block that is not right."""
    if block.verdict == "right":
        return ""
    if block.verdict == "unclear" and not block.size:
        return f"{block.name} has no gradient here, so that this start tells nothing of it"
    if block.verdict == "unclear":
        return f"{block.name} is lost in rounding: its units are saturated; try a smaller start"
    error = block.errors[block.failed]
    if not np.isfinite(error):
        return f"{block.name} is wrong, or the loss is too large: a derivative is no number"
    because = f": {block.why}" if block.why else ""
    return f"{block.name} is wrong, by {error:.2g} of its length ({block.failed}){because}"
