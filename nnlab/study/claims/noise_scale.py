"""Can it be predicted from which batch size on larger batches save little?"""

import math
from collections.abc import Iterator, Mapping
from statistics import fmean

from nnlab.study.batch_measures import (
    batch_noise,
    cost_of,
    critical_batch_sizes,
    fastest,
    noise_scale,
    tried,
)
from nnlab.study.derive import as_places
from nnlab.study.measures import curve
from nnlab.study.panels import Courses, Dots, Means, panels
from nnlab.study.results import Results, Row
from nnlab.study.study import Claim, Keys, Paired, Part, Picture, Study, Within

SAMPLES = 8192
# Small weights at the start hold the network on a plateau for a time that luck decides; from these
# weights it is short, so that the steps tell about batches.
BASE = {"hidden": 32, "init_scale": 0.3, "samples": SAMPLES, "gif": False}
QUICK = {"samples": 256, "epochs": 1}
# A twelfth of the RMSE of the best straight line, 1.21: low enough that noise matters.
TARGET = 0.1

ALONG = {
    "batch-1": {"batch_size": 1, "lr": 0.01, "epochs": 10},  # the setting of the assignment
    "batch-32": {"batch_size": 32, "lr": 0.03, "epochs": 40},
}
ALONG_LABELS = {"batch-1": "along batch size 1", "batch-32": "along batch size 32"}

SIZES = {f"batch-{size}": size for size in (1, 2, 4, 8, 16, 64, 256)}
LABELS = {arm: f"batch size {size}" for arm, size in SIZES.items()}
RATES = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32)
GRID = {f"{arm}.lr-{lr:g}": (size, lr) for arm, size in SIZES.items() for lr in RATES}
STATES = {"start": "at the start", "middle": "in the middle", "end": "at the end"}
FACTOR = 4  # of a prediction: McCandlish et al. claim the order of magnitude


def epochs_of(steps: float, batch_size: int) -> int:
    """Return the epochs that have so many steps."""
    return math.ceil(steps * batch_size / SAMPLES)


def tuning() -> dict[str, Keys]:
    """Return the arms that try the learning rates: each has time for a slow one."""
    return {
        arm: {"batch_size": size, "lr": lr, "epochs": epochs_of(4000 * (1 + 10 / size), size),
              "log_every": 10}
        for arm, (size, lr) in GRID.items()
    }  # fmt: skip


def tuned(results: Results) -> dict[str, Keys]:
    """Return the arms that are tested: each batch size at its best rate, with time to spare."""
    best = fastest(results, "tune", GRID)
    return {
        arm: {"batch_size": size, "lr": best[size][0], "log_every": 10,
              "epochs": epochs_of(3 * best[size][1], size)}
        for arm, size in SIZES.items() if size in best
    }  # fmt: skip


def prediction(results: Results) -> Mapping[str, float]:
    """Return what B_simple of each run foretells of B_crit: its geometric mean, then each seed's.

    `foretold` yields what came, as measures of the same names.
    """
    told = dict[str, float]()
    for arm, label in ALONG_LABELS.items():
        values = results.by_seed("along", arm, "b_simple")
        if values:
            told[critical(label)] = math.exp(fmean(map(math.log, values.values())))
        told |= {critical(label, seed): value for seed, value in values.items()}
    return told


def critical(label: str, seed: int | None = None) -> str:
    """Return the name of a critical batch size that is foretold, of all seeds or of one."""
    return f"critical batch size, {label}" + (f", seed {seed}" if seed is not None else "")


def foretold(results: Results) -> Iterator[Row]:
    """Yield B_crit of each seed under the names with which it was foretold, for the page."""
    for seed, size in results.by_seed("test", "fit", "b_crit").items():
        for label in ALONG_LABELS.values():
            yield Row("test", "fit", seed, critical(label), "", size)
            yield Row("test", "fit", seed, critical(label, seed), "", size)


def ratios(results: Results) -> Iterator[Row]:
    """Yield B_crit / B_simple of each seed; `at` is the run along which B_simple was measured."""
    sizes = results.by_seed("test", "fit", "b_crit")
    for arm in ALONG:
        for seed, scale in results.by_seed("along", arm, "b_simple").items():
            if seed in sizes:
                yield Row("test", "fit", seed, "ratio", arm, sizes[seed] / scale)


def fitted(results: Results) -> Iterator[Row]:
    """Yield the steps and the samples of the fit at each batch size, for the picture."""
    least = results.by_seed("test", "fit", "s_min")
    for seed, found in results.by_seed("test", "fit", "b_crit").items():
        for size in SIZES.values():
            steps = least[seed] * (1 + found / size)
            yield Row("sizes", "fit", seed, "steps", str(size), steps)
            yield Row("sizes", "fit", seed, "samples", str(size), steps * size)


def compared(results: Results) -> Iterator[Row]:
    """Yield what was predicted and what was found side by side, for the picture."""
    for arm in ALONG:
        for seed, scale in results.by_seed("along", arm, "b_simple").items():
            yield Row("scales", arm, seed, "size", "", scale)
    for seed, found in results.by_seed("test", "fit", "b_crit").items():
        yield Row("scales", "critical", seed, "size", "", found)


STUDY = Study(
    name="noise-scale",
    question="Can it be predicted from which batch size on larger batches save little?",
    method=(
        "The numbers are for a study without --quick. Two hidden layers of 32 logistic units "
        "learn y = x^3 on 8,192 points, from a start of 0.3 N(0,1). Sigma is the covariance of "
        "one point's gradient. Its trace tr(Sigma), the sum of the variances of all its numbers, "
        "is the noise. G is the gradient of all points. B_simple = tr(Sigma) / |G|^2 is measured "
        "along two runs, one with batch size 1 and one with 32, at 60 states from the start "
        "until the RMSE on the grid falls below 0.1. Both tr(Sigma) and |G|^2 are exact, from "
        "one pass over the points, and each is averaged over the states. This prediction is "
        "written down. Then other seeds choose the learning rate of each of seven batch sizes, "
        "out of six. The steps S to the same target are counted at each batch size B, at its "
        "best rate. S = S_min (1 + B_crit / B) is fitted to each seed: S_min is the number of "
        "steps that no batch size can go below, and B_crit the critical batch size. At B_crit, "
        "the steps are twice S_min; a larger batch saves less and less. A prediction can be no "
        "closer than a factor of a few: B_crit follows from it for a quadratic loss, the best "
        "learning rate at each step, and a Hessian (the matrix of second derivatives of the "
        "loss) that is a multiple of the unit matrix."
    ),
    parts=(
        Part(
            name="along", experiment="cubic", base=BASE | {"log_every": 10}, arms=ALONG,
            quick=QUICK, measures=(noise_scale("rmse", TARGET), batch_noise(400)),
        ),
        Part(
            name="tune", experiment="cubic", base=BASE, arms=tuning(), quick=QUICK,
            measures=(cost_of("rmse", TARGET),), seeds=4, first_seed=100, foretell=prediction,
        ),
        Part(
            name="test", experiment="cubic", base=BASE, arms=tuned, quick=QUICK,
            measures=(cost_of("rmse", TARGET), curve("rmse")),
        ),
    ),
    claims=(
        Claim(
            name="one-pass",
            says="The noise of one point's gradient, tr(Sigma), tells the noise of a batch of B "
            "points: it is tr(Sigma) / B, within 10%. Sigma is the covariance of one point's "
            "gradient.",
            differs="the state of the network",
            tests=tuple(
                # A tenth: five sizes of 400 batches each scatter by less together, not one by one.
                Within(
                    part="along", arm="batch-1", measure=f"{state}_trace_ratio", low=0.9,
                    high=1.1, log=True, setting=where,
                )
                for state, where in STATES.items()
            ),
        ),
        Claim(
            name="fewer-steps",
            says="A larger batch needs fewer steps: a batch of a quarter of its size needs at "
            "least 1.1 times as many.",
            differs="the batch size",
            tests=tuple(
                # A tenth for four times the samples in each step: less is no saving.
                Paired(
                    part="test", measure="steps", of=f"batch-{larger}",
                    against=f"batch-{smaller}", expect="less", log=True, counts=1.1,
                    setting=f"{larger} against {smaller}",
                )
                for smaller, larger in ((1, 4), (4, 16), (16, 64), (64, 256))
            ),
        ),
        Claim(
            name="predicted",
            says="The noise of the gradient predicts, within a factor of 4, the batch size from "
            "which on larger batches save little (the critical batch size).",
            differs="the run along which the noise is measured",
            tests=tuple(
                # The paper claims the order of magnitude; a factor of 4 each way is about one.
                Within(
                    part="test", arm="fit", measure="ratio", at=arm, low=1 / FACTOR, high=FACTOR,
                    log=True, setting=label,
                )
                for arm, label in ALONG_LABELS.items()
            ),
        ),
    ),
    derive=(
        critical_batch_sizes("test", SIZES, into="fit"),
        ratios,
        foretold,
        *(
            as_places("test", SIZES, measure=measure, into="sizes", arm="measured")
            for measure in ("steps", "samples")
        ),
        fitted,
        compared,
        tried("tune", GRID, into="rates"),
    ),
    pictures=(
        Picture(
            name="critical",
            draw=panels(
                "From which batch size on larger batches save little",
                *(
                    Means(
                        part="sizes", measure=measure, log_x=True, log_y=True,
                        arms={"measured": "measured", "fit": "fit: S_min (1 + B_crit / B)"},
                        x_label="batch size", y_label=f"{measure} until RMSE {TARGET:g}",
                        slope=slope,
                    )
                    for measure, slope in (
                        ("steps", (-1.0, "twice the batch, half the steps")), ("samples", None),
                    )
                ),
            ),
            caption="Follow the dotted line, on which twice the batch takes half the steps. Look "
            "where the measured steps leave it: there a larger batch begins to cost more "
            "samples. Bars: 95% intervals over the seeds.",
        ),
        Picture(
            name="prediction",
            draw=panels(
                "The prediction",
                Courses(
                    part="along", measure="b_simple_curve", arms=ALONG_LABELS, log_y=True,
                    x_label="% of the steps to the target", y_label="tr(Sigma) / |G|^2, in samples",
                    title="the noise scale along a run",
                ),
                Dots(
                    part="scales", measure="size", log_y=True,
                    arms={
                        "batch-1": "from batch 1", "batch-32": "from batch 32",
                        "critical": "found",
                    },
                    y_label="batch size", title="predicted, and found",
                ),
            ),
            caption="Left: look how much the noise scale of single states varies along a run; it "
            "is large where the gradient of all points is near 0. Right: compare B_simple, "
            "averaged along each run, with B_crit, which the steps to the target tell.",
        ),
        Picture(
            name="rates",
            draw=panels(
                "The learning rates that were tried",
                Means(
                    part="rates", measure="steps", arms=LABELS, log_x=True, log_y=True,
                    x_label="learning rate", y_label=f"steps until RMSE {TARGET:g} (capped)",
                ),
            ),
            caption="For each batch size, the rate is taken with which the most runs get to the "
            "target; among equals, the lowest point of the line. Capped: a run that does not get "
            "to the target counts with all its steps, fewer than it would need.",
        ),
    ),
    sources=(
        ("S. McCandlish, J. Kaplan, D. Amodei and the OpenAI Dota Team, An empirical model of "
        "large-batch training, arXiv:1812.06162 (2018): eq. 2.9 (B_simple), 2.11 (the fit)"),
        ("C. Shallue, J. Lee, J. Antognini, J. Sohl-Dickstein, R. Frostig and G. Dahl, Measuring "
        "the effects of data parallelism on neural network training, arXiv:1811.03600 (2018)"),
        ("I. Goodfellow, Efficient per-example gradient computations, arXiv:1510.01799 (2015)"),
    ),
)  # fmt: skip
