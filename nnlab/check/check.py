"""Compare the gradient, block by block, with derivatives that did not come from its code."""

import numpy as np
from threadpoolctl import threadpool_limits

from nnlab import seeds
from nnlab.check import plots
from nnlab.check.compare import COMPLEX, DIFFERENCES, TENSORFLOW, Block, compare, relative_error
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

STEPS = np.logspace(-20, 0, 41)
LOOKED_AT = 20  # entries of each block, at each of the STEPS

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
    references = {way: _derivatives(d, best[way], chosen, run) for way, d in ways.items()}
    if config.autodiff:
        from nnlab.check.autodiff import tensorflow_gradients

        run.view.note("loading TensorFlow ...")
        references[TENSORFLOW] = _take(tensorflow_gradients(parameters, x, y), chosen)
    loss = mean_loss(Backpropagation(parameters, len(x)), x, y).real
    why = EXPLANATIONS if config.gradient == "as-printed" else {}
    blocks = [
        compare(name, g, {way: r[name] for way, r in references.items()}, loss, why.get(name, ""))
        for name, g in _take(ours, chosen).items()
    ]
    title = f"{config.gradient} gradient, {config.hidden} + {config.hidden} units"
    run.save("plots/blocks.png", plots.blocks_figure(blocks, title).savefig)
    few = {name: _chosen(config, name, g.size, LOOKED_AT) for name, g in ours.items()}
    right = _take(gradients(parameters, x, y), few)
    errors = {way: _by_step(d, few, right, run) for way, d in ways.items()}
    if config.gradient != "exact":
        errors[f"the gradient {config.gradient}"] = [_worst(_take(ours, few), right)] * len(STEPS)
    run.save("plots/steps.png", plots.steps_figure(STEPS, errors, title).savefig)
    wrong = sum(block.wrong for block in blocks)
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


def _derivatives(derivative: Derivative, h: float, chosen: Entries, run: Run) -> Entries:
    """Return the derivatives by the chosen entries, and say how it goes."""
    found: Entries = {}
    done, total = 0, sum(map(len, chosen.values()))
    for name, indices in chosen.items():
        found[name] = np.empty(len(indices))
        for k, index in enumerate(indices):
            found[name][k] = derivative(name, index, h)
            done += 1
            run.view.progress(done, total, "derivatives")
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
        errors = [f"{block.errors[way]:.1e}" for way in ways]
        rows.append(
            [block.name, f"{block.entries:,}", *errors, "WRONG" if block.wrong else "right"]
        )
    limits = [f"{max(block.limits[way] for block in blocks):.0e}" for way in ways]
    rows.append(["limit", "", *limits, ""])
    return [
        f"{title}: relative error ||g - g_ref|| / ||g_ref|| against",
        *columns(rows, right=True),
        *([_said(block) for block in blocks if block.wrong] or ["every block is right"]),
    ]


def _said(block: Block) -> str:
    """Return by how much a wrong block is wrong, and why."""
    error = block.errors[COMPLEX]
    if not np.isfinite(error):
        return (
            f"{block.name} cannot be judged: a derivative is not finite, or 0 where the gradient "
            "is not; units may be saturated, try a smaller --init-scale"
        )
    because = f": {block.why}" if block.why else ""
    return f"{block.name} is wrong by {error:.2g} of the right gradient's length{because}"
