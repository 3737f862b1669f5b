"""Compare the gradient with numerical derivatives, and the steps of each engine with `plain`."""

from functools import partial

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
    Magnitudes,
    compare,
    relative_error,
)
from nnlab.cubic.check.config import CheckConfig
from nnlab.cubic.check.engines import engines_under_test
from nnlab.cubic.check.numeric import (
    DIFFERENCE_STEP,
    Case,
    Derivative,
    central_difference,
    complex_step,
)
from nnlab.cubic.check.report import report, steps_report
from nnlab.cubic.check.steps import Step, compare_steps
from nnlab.cubic.check.verdict import summary
from nnlab.cubic.config import blas_threads
from nnlab.cubic.gradients import EXPLANATIONS, gradients
from nnlab.cubic.network import Array, Parameters
from nnlab.cubic.state import first_parameters
from nnlab.plots import write_png
from nnlab.runs import copies
from nnlab.runs.run import Run

METHODS = {
    DIFFERENCES: (central_difference, DIFFERENCE_STEP),
    COMPLEX: (complex_step, plain.COMPLEX_STEP),
}
STEP_SIZES = np.logspace(-20, 0, 21)
ENTRIES_PER_STEP_SIZE = 10  # in each block
AT_ONCE = 2**18  # numbers in the largest array: small enough for a processor's caches

Entries = dict[str, Array]
"""By block: flat indices of the chosen entries, or the derivatives by these entries."""


def check(config: CheckConfig, run: Run) -> None:
    """Check the gradient that `config` describes; fill `run`, its report included.

    Raises:
        UsageError: the file of initial parameters cannot be used, or it is not the file that the
            resumed check started with.
    """
    quiet = np.errstate(over="ignore", invalid="ignore")  # saturated units: see the table
    with quiet, threadpool_limits(blas_threads(config.hidden, config.batch_size), "blas"):
        _check(config, run)


def _check(config: CheckConfig, run: Run) -> None:
    config = copies.stand_in(config, run.path, run.inputs)
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
    if run.pictures:
        run.save("plots/blocks.png", partial(write_png, plots.blocks_figure(blocks, title)))
        errors = _errors_by_step_size(config, case, gradient, run)
        figure = plots.steps_figure(STEP_SIZES, errors, title)
        run.save("plots/steps.png", partial(write_png, figure))
    steps, left_out = _steps(config, parameters, run)
    run.finish(
        summary([block.verdict for block in blocks], [step.verdict for step in steps]),
        blocks=[block.to_json() for block in blocks],
        steps=[step.to_json() for step in steps],
        report=[
            *report(blocks, title, from_file=bool(config.init_from)),
            *steps_report(steps, left_out),
        ],
    )


def _steps(config: CheckConfig, initial: Parameters, run: Run) -> tuple[list[Step], str]:
    """Compare the steps of all engines; return the worst ones, and a line on what is left out."""
    run.view.note("checking the steps of each engine (numba compiles first: some seconds)")
    with run.signals.held():  # Ctrl-C must not interrupt the compiler
        engines, left_out = engines_under_test(config)
        return compare_steps(config, step_cases(config, initial), engines), left_out


def _blocks(config: CheckConfig, case: Case, gradient: Parameters, run: Run) -> list[Block]:
    """Compare each block of the gradient with all references."""
    chosen = _chosen(config, gradient, config.entries)
    run.view.note(f"{sum(map(len, chosen.values())):,} parameters to differentiate by")
    references = {
        method: _derivatives(differentiate, case, h, chosen, run, method)
        for method, (differentiate, h) in METHODS.items()
    }
    if config.autodiff:
        from nnlab.cubic.check.autodiff import tensorflow_gradients

        run.view.note("loading TensorFlow ...")
        references[TENSORFLOW] = _take(tensorflow_gradients(*case), chosen)
    loss = plain.loss(*case).real
    largest = float(max(np.abs(plain.activations(*case[:2])[2]).max(), np.abs(case.y).max()))
    sensitivity = _take(plain.sensitivity(case.parameters, case.x), chosen)
    why = EXPLANATIONS[config.gradient]
    blocks = []
    for name, found in _take(gradient, chosen).items():
        derivatives = {method: reference[name] for method, reference in references.items()}
        magnitudes = Magnitudes(loss, largest, sensitivity[name])
        blocks.append(compare(name, found, derivatives, magnitudes, why.get(name, "")))
    return blocks


def _errors_by_step_size(
    config: CheckConfig, case: Case, gradient: Parameters, run: Run
) -> dict[str, list[float]]:
    """Return the error of each numerical derivative at each of the STEP_SIZES, on a few entries.

    Each error is relative to the exact gradient, in the worst block. If the config asks for a wrong
    gradient, its error is added for comparison.
    """
    most = min(ENTRIES_PER_STEP_SIZE, config.entries or ENTRIES_PER_STEP_SIZE)
    few = _chosen(config, gradient, most)
    right = _take(gradients(case.parameters, case.x, case.y), few)
    errors: dict[str, list[float]] = {}
    for method, (differentiate, _) in METHODS.items():
        errors[method] = [
            _worst(_derivatives(differentiate, case, h, few, run, method), right)
            for h in STEP_SIZES
        ]
    if config.gradient != "exact":
        errors[f"gradient {config.gradient}"] = [_worst(_take(gradient, few), right)] * len(
            STEP_SIZES
        )
    return errors


def _chosen(config: CheckConfig, gradient: Parameters, most: int | None) -> Entries:
    """Return the flat indices of each block's entries, ascending: all, or `most` random ones."""
    chosen = {}
    for name, block in gradient.items():
        chosen[name] = np.arange(block.size)
        if most is not None and most < block.size:
            rng = seeds.generator(config.seed, seeds.Purpose.ENTRIES, *name.encode())
            chosen[name] = np.sort(rng.choice(block.size, most, replace=False))
    return chosen


def _take(gradient: Parameters, chosen: Entries) -> Entries:
    return {name: gradient[name].flat[indices] for name, indices in chosen.items()}


def _derivatives(
    differentiate: Derivative, case: Case, h: float, chosen: Entries, run: Run, method: str
) -> Entries:
    """Return the derivatives by the chosen entries, and show the progress."""
    most = max(1, AT_ONCE // (len(case.parameters["b1"]) * len(case.x)))
    done, total = 0, sum(map(len, chosen.values()))
    found: Entries = {}
    for name, entries in chosen.items():
        found[name] = np.empty(len(entries))
        for first in range(0, len(entries), most):
            part = entries[first : first + most]
            found[name][first : first + most] = differentiate(case, name, part, h)
            done += len(part)
            run.view.progress(done, total, method)
    return found


def _worst(gradient: Entries, right: Entries) -> float:
    """Return the relative error of the worst block."""
    return max(relative_error(gradient[name], right[name]) for name in right)
