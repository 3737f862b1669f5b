"""Compare the gradient, and the steps of each engine, with what did not come from their code."""

import numpy as np
from threadpoolctl import threadpool_limits

from nnlab import seeds
from nnlab.cubic import data
from nnlab.cubic.check import plain, plots
from nnlab.cubic.check.cases import step_cases
from nnlab.cubic.check.compare import (
    COMPLEX,
    DIFFERENCES,
    TENSORFLOW,
    Block,
    Ground,
    compare,
    relative_error,
)
from nnlab.cubic.check.config import CheckConfig
from nnlab.cubic.check.movers import movers
from nnlab.cubic.check.numeric import (
    COMPLEX_STEP,
    DIFFERENCE_STEP,
    Case,
    Derivative,
    central_difference,
    complex_step,
    mean_loss,
)
from nnlab.cubic.check.report import report, steps_report
from nnlab.cubic.check.steps import Step, compare_steps
from nnlab.cubic.check.verdict import summary
from nnlab.cubic.config import blas_threads
from nnlab.cubic.gradients import EXPLANATIONS, gradients
from nnlab.cubic.network import Array, Backpropagation, Parameters
from nnlab.cubic.state import first_parameters
from nnlab.runs import copies
from nnlab.runs.run import Run

WAYS = {
    DIFFERENCES: (central_difference, DIFFERENCE_STEP),
    COMPLEX: (complex_step, COMPLEX_STEP),
}
STEPS = np.logspace(-20, 0, 21)
LOOKED_AT = 10  # entries of each block, at each of the STEPS

Entries = dict[str, Array]
"""By block: flat indices of some entries, or the derivatives by these."""


def check(config: CheckConfig, run: Run) -> list[str]:
    """Check the gradient that `config` describes; fill `run` and return what to print, in lines.

    Raises:
        UsageError: the file of initial parameters cannot be used, or is not the one that a resumed
            check began with.
    """
    quiet = np.errstate(over="ignore", invalid="ignore")  # saturated units; the table shows it
    with quiet, threadpool_limits(blas_threads(config.hidden, config.batch_size), "blas"):
        return _check(config, run)


def _check(config: CheckConfig, run: Run) -> list[str]:
    config = copies.stand_in(config, run.path, run.record.get("inputs", {}))
    with data.held(config):
        parameters = first_parameters(config)
        inputs = data.inputs(config, run, restored=False)
    x = seeds.generator(config.seed, seeds.Purpose.POINTS).uniform(-2, 2, (config.batch_size, 1))
    case = Case(parameters, x, x**3)
    gradient = gradients(parameters, x, case.y, config.gradient)
    count = sum(p.size for p in parameters.values())
    data.keep_copies(config, run, inputs)
    run.begin(device={"asked": "cpu", "used": "cpu"}, parameters=count, inputs=inputs)
    blocks = _blocks(config, case, gradient, run)
    title = f"{config.gradient} gradient, {config.hidden} + {config.hidden} units"
    run.save("plots/blocks.png", plots.blocks_figure(blocks, title).savefig)
    errors = _by_step(config, case, gradient, run)
    run.save("plots/steps.png", plots.steps_figure(STEPS, errors, title).savefig)
    steps, left_out = _steps(config, parameters, run)
    run.finish(
        summary([block.verdict for block in blocks], [step.verdict for step in steps]),
        blocks=[block.facts() for block in blocks],
        steps=[step.facts() for step in steps],
    )
    return [
        *report(blocks, title, from_file=bool(config.init_from)),
        *steps_report(steps, left_out),
    ]


def _steps(config: CheckConfig, initial: Parameters, run: Run) -> tuple[list[Step], str]:
    """Compare the steps of all engines; return the worst ones, and what was left out."""
    run.view.note("steps of each engine (compiled steps the first time: some seconds)")
    with run.signals.held():  # a compiler does not like to be interrupted
        found, left_out = movers(config)
        return compare_steps(config, step_cases(config, initial), found), left_out


def _blocks(config: CheckConfig, case: Case, gradient: Parameters, run: Run) -> list[Block]:
    """Compare each block of a gradient with all references."""
    chosen = _chosen(config, gradient, config.entries)
    run.view.note(f"{sum(map(len, chosen.values())):,} parameters to differentiate by")
    references = {
        way: _derivatives(differentiate(case), h, chosen, run, way)
        for way, (differentiate, h) in WAYS.items()
    }
    if config.autodiff:
        from nnlab.cubic.check.autodiff import tensorflow_gradients

        run.view.note("loading TensorFlow ...")
        references[TENSORFLOW] = _take(tensorflow_gradients(*case), chosen)
    network = Backpropagation(case.parameters, len(case.x))
    loss = mean_loss(network, case.x, case.y).real
    largest = float(max(np.abs(network.f).max(), np.abs(case.y).max()))
    steep = _take(plain.steepest(case.parameters, case.x), chosen)
    why = EXPLANATIONS if config.gradient == "as-printed" else {}
    blocks = []
    for name, found in _take(gradient, chosen).items():
        theirs = {way: reference[name] for way, reference in references.items()}
        ground = Ground(loss, largest, steep[name])
        blocks.append(compare(name, found, theirs, ground, why.get(name, "")))
    return blocks


def _by_step(
    config: CheckConfig, case: Case, gradient: Parameters, run: Run
) -> dict[str, list[float]]:
    """Return the error of each way to differentiate at each of the STEPS, on few entries.

    It is relative to the exact gradient, in the worst block. Where another gradient is checked,
    its own error stands beside them.
    """
    few = _chosen(config, gradient, min(LOOKED_AT, config.entries or LOOKED_AT))
    right = _take(gradients(case.parameters, case.x, case.y), few)
    errors: dict[str, list[float]] = {}
    for way, (differentiate, _) in WAYS.items():
        derivative = differentiate(case)
        errors[way] = [_worst(_derivatives(derivative, h, few, run, way), right) for h in STEPS]
    if config.gradient != "exact":
        errors["the printed gradient"] = [_worst(_take(gradient, few), right)] * len(STEPS)
    return errors


def _chosen(config: CheckConfig, gradient: Parameters, most: int | None) -> Entries:
    """Return the flat indices of all entries of each block, or of `most` random ones, in order."""
    chosen = {}
    for name, block in gradient.items():
        chosen[name] = np.arange(block.size)
        if most is not None and most < block.size:
            rng = seeds.generator(config.seed, seeds.Purpose.ENTRIES, *name.encode())
            chosen[name] = np.sort(rng.choice(block.size, most, replace=False))
    return chosen


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


def _worst(gradient: Entries, right: Entries) -> float:
    """Return the largest relative error of any block."""
    return max(relative_error(gradient[name], right[name]) for name in right)
