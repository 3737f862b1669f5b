"""Measures of cubic runs that differ in their batch size, and what is computed from them."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import fmean
from typing import TYPE_CHECKING

from nnlab.runs.saved import SavedRun
from nnlab.study.cubic_measures import replay
from nnlab.study.measures import Measure, first_below, place_name
from nnlab.study.results import Reading, Results, Row

if TYPE_CHECKING:
    from nnlab.cubic.network import Array

# The functions import what loads NumPy: `nnlab study list` loads this file.

POINTS = 40  # of a curve in a picture
SIZES = (1, 4, 16, 64, 256)  # of the batches whose gradients are drawn
STATES = 60  # at which the noise along a run is measured
LAYERS = ("1", "2", "3")  # as in `nnlab.cubic.full_gradient`; ALL is all parameters
ALL = "all"


def progress(metric: str) -> Measure:
    """Return the measure of a metric against each cost of training.

    METRIC_by_steps, METRIC_by_samples and METRIC_by_seconds, at POINTS log points whose steps are
    a constant factor apart; `at` is the number of steps, samples or seconds.
    """

    def measure(saved: SavedRun) -> Iterator[Reading]:
        from nnlab.cubic.replay import config_of

        size, log = config_of(saved).batch_size, saved.metrics
        last = len(log["step"]) - 1
        for i in sorted({round((last + 1) ** (k / POINTS)) - 1 for k in range(POINTS + 1)}):
            value = log[metric][i]
            yield Reading(f"{metric}_by_steps", value, place_name(log["step"][i]))
            yield Reading(f"{metric}_by_samples", value, place_name(size * log["step"][i]))
            yield Reading(f"{metric}_by_seconds", value, place_name(log["seconds"][i]))

    return measure


def cost_of(metric: str, below: float) -> Measure:
    """Return the measure of what training costs up to the first log point below a target.

    steps, samples, seconds    the cost; a run that never gets there counts as all of it, too little
    reached                    whether it gets there, 1 or 0
    """

    def measure(saved: SavedRun) -> Iterator[Reading]:
        from nnlab.cubic.replay import config_of

        log = saved.metrics
        there = first_below(log[metric], below)
        i = -1 if there is None else there
        yield Reading("reached", there is not None)
        yield Reading("steps", log["step"][i])
        yield Reading("samples", log["step"][i] * config_of(saved).batch_size)
        yield Reading("seconds", log["seconds"][i])

    return measure


def step_memory(saved: SavedRun) -> Iterator[Reading]:
    """Yield the most memory that one step of the NumPy engine holds at a time, in 1,000 bytes."""
    from nnlab.cubic.memory import peak_bytes
    from nnlab.cubic.replay import config_of

    config = config_of(saved)
    peak = peak_bytes(config.hidden, config.batch_size, config.dtype)
    yield Reading("peak_kilobytes", peak / 1000)


def batch_noise(batches: int) -> Measure:
    """Return the measure of how far the gradients of batches are from that of all points.

    The states are the `start`, the `middle` and the `end` of the run. With g_B the gradient of a
    random batch of B points, G that of all, and L a layer, 1 to 3 or all:

    STATE_deviation_L   sqrt(mean |g_B - G|^2) over the batches; `at` is B, each of SIZES
    STATE_slope_L       the slope of the straight line through their logarithms
    STATE_trace_ratio   the mean over SIZES of mean |g_B - G|^2 / (tr(Sigma) / B), with tr(Sigma)
                        from one pass over the points

    Args:
        batches: number of batches of each size; at most as many as the run has points.
    """

    def measure(saved: SavedRun) -> Iterator[Reading]:
        import numpy as np

        from nnlab.cubic.noise_scale import batch_deviation, gradient_noise
        from nnlab.cubic.replay import config_of
        from nnlab.cubic.train import total_steps

        total = total_steps(config_of(saved))
        names = {0: "start", total // 2: "middle", total: "end"}
        run = replay(saved, names)
        rng, count = np.random.default_rng(run.config.seed), min(batches, len(run.x))
        for step, parameters in run.states:
            noise = gradient_noise(parameters, run.x, run.y)
            squares = [
                batch_deviation(parameters, run.x, run.y, noise.mean, size, count, rng)
                for size in SIZES
            ]
            for name, value, at in _deviations(squares, noise.traces[ALL]):
                yield Reading(f"{names[step]}_{name}", value, at)

    return measure


def _deviations(squares: Sequence[Mapping[str, float]], trace: float) -> Iterator[Reading]:
    """Yield the readings of one state: `squares` has the mean |g_B - G|^2 of each size."""
    import numpy as np

    for layer in (*LAYERS, ALL):
        sizes = [math.sqrt(each[layer]) for each in squares]
        for batch_size, size in zip(SIZES, sizes, strict=True):
            yield Reading(f"deviation_{layer}", size, str(batch_size))
        yield Reading(f"slope_{layer}", float(np.polyfit(np.log(SIZES), np.log(sizes), 1)[0]))
    ratios = [size * each[ALL] / trace for size, each in zip(SIZES, squares, strict=True)]
    yield Reading("trace_ratio", fmean(ratios))


def noise_scale(metric: str, below: float) -> Measure:
    """Return the measure of the noise of the gradient from the start to a target.

    At STATES states, equally spaced from the start to the first log point with `metric` below the
    target (to the end, for a run that does not get there):

    trace, squared_norm    tr(Sigma) and |G|^2; `at` is the percentage of the steps to the target
    b_simple_curve         tr(Sigma) / |G|^2 there
    b_simple               mean tr(Sigma) / mean |G|^2: where |G|^2 is near 0, a single ratio is as
                           large as it likes, and so is their mean
    """

    def measure(saved: SavedRun) -> Iterator[Reading]:
        from nnlab.cubic.noise_scale import gradient_noise

        log = saved.metrics
        there = first_below(log[metric], below)
        end = log["step"][-1 if there is None else there]
        run = replay(saved, {round(end * i / (STATES - 1)) for i in range(STATES)})
        traces, norms = list[float](), list[float]()
        for step, parameters in run.states:
            noise = gradient_noise(parameters, run.x, run.y)
            traces.append(noise.traces[ALL])
            norms.append(noise.squared_norms[ALL])
            at = f"{100 * step / end:.0f}"
            yield Reading("trace", traces[-1], at)
            yield Reading("squared_norm", norms[-1], at)
            yield Reading("b_simple_curve", traces[-1] / norms[-1], at)
        yield Reading("b_simple", fmean(traces) / fmean(norms))

    return measure


Grid = Mapping[str, tuple[int, float]]
"""Arm -> batch size and learning rate."""


def fastest(results: Results, part: str, grid: Grid) -> dict[int, tuple[float, float]]:
    """Return the learning rate of each batch size with the fewest steps to the target.

    Those with which all seeds get there come first. The mean of the steps is geometric.

    Args:
        results: rows with the readings of `cost_of`.
        part: the part that tries the rates.
        grid: its arms.

    Returns:
        Batch size -> learning rate and mean steps.
    """
    best = dict[int, tuple[float, float, float]]()
    for arm, (batch_size, lr) in grid.items():
        if steps := _mean_steps(results, part, arm):
            late = 1 - fmean(results.by_seed(part, arm, "reached").values())
            best[batch_size] = min(best.get(batch_size, (math.inf,) * 3), (late, steps, lr))
    return {size: (lr, steps) for size, (_, steps, lr) in best.items()}


def tried(part: str, grid: Grid, *, into: str) -> Callable[[Results], Iterator[Row]]:
    """Return what yields the mean steps of each arm of a part that tries learning rates.

    The rows are `steps` of the part `into`, whose arms are batch-SIZE; `at` is the rate.
    """

    def derive(results: Results) -> Iterator[Row]:
        for arm, (batch_size, lr) in grid.items():
            if steps := _mean_steps(results, part, arm):
                yield Row(into, f"batch-{batch_size}", 0, "steps", f"{lr:g}", steps)

    return derive


def _mean_steps(results: Results, part: str, arm: str) -> float | None:
    """Return the geometric mean of an arm's steps to the target; None if a run diverged."""
    steps = results.by_seed(part, arm, "steps").values()
    if not steps or any(results.by_seed(part, arm, "diverged").values()):
        return None
    return math.exp(fmean(map(math.log, steps)))


def critical_batch_size(sizes: Sequence[float], steps: Sequence[float]) -> tuple[float, float]:
    """Return S_min and B_crit of S = S_min (1 + B_crit / B), fitted to log S by least squares.

    Steps scatter by a factor, so that their logarithms have equal weights. For a given B_crit, the
    best log S_min is the mean of log S - log(1 + B_crit / B), and their variance is what is left.
    B_crit is kept between a thousandth of the smallest size and a thousand times the largest:
    beyond them, S does not tell it.

    Source: McCandlish et al., arXiv:1812.06162, eq. 2.11, whose E is S B.
    """
    import numpy as np
    from scipy.optimize import minimize_scalar

    b, log_s = np.asarray(sizes, float), np.log(steps)

    def logs_of_least(log_critical: float) -> "Array":
        logs: Array = log_s - np.log1p(np.exp(log_critical) / b)
        return logs

    log_critical = minimize_scalar(
        lambda log: logs_of_least(log).var(),
        bounds=(math.log(b.min() / 1000), math.log(b.max() * 1000)), options={"xatol": 1e-9},
    ).x  # fmt: skip
    return float(np.exp(logs_of_least(log_critical).mean())), float(np.exp(log_critical))


def critical_batch_sizes(
    part: str, sizes: Mapping[str, int], *, into: str
) -> Callable[[Results], Iterator[Row]]:
    """Return what fits the steps to the target of each seed, over the arms of a part.

    Seeds whose runs do not all get there are left out. The rows are those of the arm `into`:
    s_min and b_crit.

    Args:
        part: the part, with the readings of `cost_of`.
        sizes: its arms, and the batch size of each.
        into: the name of the arm of the rows.
    """

    def derive(results: Results) -> Iterator[Row]:
        steps = {arm: results.by_seed(part, arm, "steps") for arm in sizes}
        reached = {arm: results.by_seed(part, arm, "reached") for arm in sizes}
        for seed in results.seeds(part):
            if not all(reached[arm].get(seed) for arm in sizes):
                continue
            taken = [steps[arm][seed] for arm in sizes]
            least, critical = critical_batch_size([*sizes.values()], taken)
            yield Row(part, into, seed, "s_min", "", least)
            yield Row(part, into, seed, "b_crit", "", critical)

    return derive
