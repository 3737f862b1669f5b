"""What does the batch size do?"""

import math

from nnlab.study.batch_measures import (
    ALL,
    LAYERS,
    batch_noise,
    cost_of,
    fastest,
    progress,
    step_memory,
    tried,
)
from nnlab.study.derive import as_arms, as_places
from nnlab.study.measures import curve, final
from nnlab.study.panels import Courses, Means, panels
from nnlab.study.results import Results
from nnlab.study.study import Claim, Keys, Paired, Part, Picture, Study, Within

# One epoch of the assignment's run: three runs that mislead.
EPOCH = {f"batch-{size}": size for size in (1, 32, 1000)}
EPOCH_LABELS = {arm: f"batch size {size}" for arm, size in EPOCH.items()}
LOG_EVERY = {1: 100, 32: 25, 1000: 5}  # steps: after 100 and 3,100 all are looked at that get there

SAMPLES = 8192
# Small weights at the start hold the network on a plateau for a time that luck decides; from these
# weights it is short, so that the steps tell about batches.
BASE = {"hidden": 32, "init_scale": 0.3, "samples": SAMPLES, "gif": False, "log_every": 10}
QUICK = {"samples": 512, "epochs": 1}
TARGET = 0.1  # RMSE: a twelfth of that of the best straight line, 1.21

SIZES = {f"batch-{size}": size for size in (1, 8, 32, 128, 512)}
FIXED = 0.04  # the learning rate of all sizes
FOR_ONE = 0.003  # the learning rate of batch size 1 that grows with the batch
RATES = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32)  # that are tried for each size
GRID = {f"{arm}.lr-{lr:g}": (size, lr) for arm, size in SIZES.items() for lr in RATES}
COSTS = ("samples", "steps", "seconds")  # what can be held equal
RULES = {
    "fixed": "one learning rate for all", "scaled": "learning rate in proportion",
    "tuned": "the best learning rate of each",
}  # fmt: skip
STATES = {"start": "at the start", "middle": "in the middle", "end": "at the end"}
LAYER_LABELS = {f"layer-{layer}": f"layer {layer}" for layer in LAYERS} | {ALL: "all layers"}

# A tenth of the RMSE, the cost or the memory: less is nothing to change a setting for.
COUNTS = 1.1
# In proportion, 512 would have the rate 1.5, and diverge: a run without a cost to compare.
PAIRS = ((1, 32), (32, 128))


def arm_of(size: int, lr: float, steps: float, samples: float) -> Keys:
    """Return the keys of an arm that takes at least so many steps and so many samples."""
    epochs = math.ceil(max(steps * size, samples) / SAMPLES)
    return {"batch_size": size, "lr": lr, "epochs": epochs}


def tuned(results: Results) -> dict[str, Keys]:
    """Return each batch size at its best rate, with three times the steps that it took there."""
    best = fastest(results, "tune", GRID)
    return {
        arm: arm_of(size, best[size][0], 3 * best[size][1], 0)
        for arm, size in SIZES.items() if size in best
    }  # fmt: skip


def faster(rule: str, says: str) -> Claim:
    """Return the claim that small batches need less to reach the target, by a rule for the rate."""
    return Claim(
        name=f"faster-{rule}",
        says=says,
        differs="what is counted and the two sizes",
        tests=tuple(
            Paired(
                part=rule, measure=cost, reached="reached", of=f"batch-{small}",
                against=f"batch-{large}",
                expect="less", log=True, counts=COUNTS,
                setting=f"{small} against {large} in {cost}",
            )
            for cost in COSTS for small, large in PAIRS
        ),
    )  # fmt: skip


STUDY = Study(
    name="batch-size",
    question="What does the batch size do: to the noise, the speed and the memory of training?",
    method=(
        "The numbers are for a study without --quick. First, three runs that are easily compared "
        "in the wrong way: one epoch of the assignment's setting (125 units in each hidden "
        "layer, lr 0.01, 100,000 samples, start 0.05 N(0,1)) with batch size 1, 32 and 1000. "
        "They are compared after equal samples and after equal steps, and the peak memory of a "
        "step is counted. All else is measured on a smaller network that learns from its first "
        "steps on (two layers of 32 units, start 0.3 N(0,1), 8,192 points). Noise: in three "
        "states of a run, the distance of a batch's gradient from the gradient of all points, "
        "for 2,000 random batches of each of five sizes. Speed: what training costs until the "
        "RMSE on the grid first falls below 0.1, in samples, steps and seconds. There are three "
        "rules for the learning rate: 0.04 for all batch sizes; 0.003 for batch size 1, and in "
        "proportion to the batch size; and for each batch size the best of six rates, which "
        "other seeds choose. A run that does not get to RMSE 0.1 counts with all its steps, "
        "fewer than it would need; so it cannot be the faster one."
    ),
    parts=(
        Part(
            name="epoch", experiment="cubic", base={"gif": False},
            arms={
                arm: {"batch_size": size, "log_every": LOG_EVERY[size]}
                for arm, size in EPOCH.items()
            },
            quick={"samples": 1000, "log_every": 1},
            measures=(final("rmse"), curve("rmse"), progress("rmse"), step_memory),
        ),
        Part(
            name="noise", experiment="cubic", base=BASE, quick=QUICK,
            arms={"run": {"batch_size": 8, "lr": FIXED, "epochs": 4}},
            measures=(batch_noise(2000),),
        ),
        Part(
            name="fixed", experiment="cubic", base=BASE, quick=QUICK,
            arms={arm: arm_of(size, FIXED, 8000, 160_000) for arm, size in SIZES.items()},
            measures=(cost_of("rmse", TARGET), progress("rmse")),
        ),
        Part(
            name="scaled", experiment="cubic", base=BASE, quick=QUICK,
            arms={arm: arm_of(size, FOR_ONE * size, 4000, 160_000) for arm, size in SIZES.items()},
            measures=(cost_of("rmse", TARGET), progress("rmse")),
        ),
        Part(
            name="tune", experiment="cubic", base=BASE, quick=QUICK, seeds=4, first_seed=100,
            arms={arm: arm_of(size, lr, 4000, 40_000) for arm, (size, lr) in GRID.items()},
            measures=(cost_of("rmse", TARGET),),
        ),
        Part(
            name="tuned", experiment="cubic", base=BASE, quick=QUICK, arms=tuned,
            measures=(cost_of("rmse", TARGET), progress("rmse")),
        ),
    ),
    claims=(
        Claim(
            name="noisier",
            says="Small batches have a noisier gradient: its distance from the gradient of all "
            "points falls as the batch size to the power -0.5, within 0.02, that is, as 1 / "
            "sqrt(batch size).",
            differs="the layer and the state of the network",
            tests=tuple(
                # Twice the batch then changes the deviation by at most 1.4% more or less.
                Within(
                    part="noise", arm="run", measure=f"{state}_slope_{layer}", low=-0.52,
                    high=-0.48, setting=f"{LAYER_LABELS[arm]} {where}",
                )
                for state, where in STATES.items()
                for arm, layer in zip(LAYER_LABELS, (*LAYERS, ALL), strict=True)
            ),
        ),
        Claim(
            name="one-epoch",
            says="Small batches train faster: after one epoch, the RMSE of a larger batch is at "
            "least 1.1 times as large.",
            differs="what is held equal",
            tests=tuple(
                Paired(
                    part="epoch", measure=measure, at=at, of=f"batch-{small}",
                    against=f"batch-{large}", expect="less", log=True, counts=COUNTS,
                    setting=f"{small} against {large} {setting}",
                )
                for small, large, measure, at, setting in (
                    (1, 32, "rmse", "", "after equal samples"),
                    (32, 1000, "rmse", "", "after equal samples"),
                    (1, 32, "rmse_curve", "3100", "after 3100 steps each"),
                    (32, 1000, "rmse_curve", "100", "after 100 steps each"),
                )
            ),
        ),
        faster("fixed", "At one learning rate, small batches train faster: a larger batch needs "
        "at least 1.1 times as much to get to RMSE 0.1."),
        faster(
            "scaled",
            "If the learning rate grows in proportion to the batch size, small batches still "
            "train faster: a larger batch needs at least 1.1 times as much to get to RMSE 0.1.",
        ),
        faster("tuned", "With the best learning rate for each, small batches train faster: a "
        "larger batch needs at least 1.1 times as much to get to RMSE 0.1."),
        Claim(
            name="less-memory",
            says="Small batches need less memory: a step of a larger batch needs at least 1.1 "
            "times as much.",
            differs="the two sizes",
            tests=tuple(
                Paired(
                    part="epoch", measure="peak_kilobytes", of=f"batch-{small}",
                    against=f"batch-{large}", expect="less", log=True, counts=COUNTS,
                    setting=f"{small} against {large}",
                )
                for small, large in ((1, 32), (32, 1000))
            ),
        ),
    ),
    derive=(
        *(
            as_arms(
                "noise", "run",
                {
                    f"{state}_deviation_{layer}": arm
                    for arm, layer in zip(LAYER_LABELS, (*LAYERS, ALL), strict=True)
                },
                into=state, measure="deviation",
            )
            for state in STATES
        ),
        *(
            as_places(rule, SIZES, measure=cost, into="costs", arm=rule)
            for rule in RULES for cost in COSTS
        ),
        tried("tune", GRID, into="rates"),
    ),
    pictures=(
        Picture(
            name="one-epoch",
            draw=panels(
                "One epoch with three batch sizes",
                *(
                    Courses(
                        part="epoch", measure=f"rmse_by_{cost}", arms=EPOCH_LABELS, log_x=True,
                        log_y=True, x_label=label, y_label="RMSE on the grid",
                    )
                    for cost, label in (
                        ("samples", "samples"), ("steps", "gradient steps"),
                        ("seconds", "seconds"),
                    )
                ),
                Means(
                    part="epoch", measure="peak_kilobytes", log_x=True, log_y=True,
                    x_of={arm: float(size) for arm, size in EPOCH.items()}, x_label="batch size",
                    y_label="kilobytes", title="peak memory of a step",
                ),
            ),
            caption="Look which batch size fits best after equal samples, then after equal steps "
            "and after equal seconds. In one epoch, batch size 1 takes 32 times as many steps as "
            "batch size 32.",
        ),
        Picture(
            name="noise",
            draw=panels(
                "How far the gradient of a batch is from that of all points",
                *(
                    Means(
                        part=state, measure="deviation", arms=LAYER_LABELS, log_x=True, log_y=True,
                        x_label="batch size", title=where,
                        y_label="distance of the gradients",
                        slope=(-0.5, "1 / square root of the batch size"),
                    )
                    for state, where in STATES.items()
                ),
                columns=3,
            ),
            caption="The root of the mean squared distance between the gradient of a batch and "
            "that of all points, by layer. Look whether the points follow the dotted line.",
        ),
        Picture(
            name="three-questions",
            draw=panels(
                f"What it costs to get to RMSE {TARGET:g}",
                *(
                    Means(
                        part="costs", measure=cost, arms=RULES, log_x=True, log_y=True,
                        x_label="batch size", title=cost,
                        y_label=f"{cost} until RMSE {TARGET:g} (capped)",
                    )
                    for cost in COSTS
                ),
                columns=3,
            ),
            caption="Look for the batch size with the lowest cost. Is it the same for samples, "
            "steps and seconds, and for each way to choose the learning rate? Capped: a run that "
            "does not get to the target counts with all it did, less than it would need. Seconds "
            "depend on the machine.",
        ),
        Picture(
            name="rates",
            draw=panels(
                "The learning rates that were tried",
                Means(
                    part="rates", measure="steps", log_x=True, log_y=True,
                    arms={arm: f"batch size {size}" for arm, size in SIZES.items()},
                    x_label="learning rate", y_label=f"steps until RMSE {TARGET:g} (capped)",
                ),
            ),
            caption="For each batch size, the rate is taken with which the most runs get to the "
            "target; among equals, the lowest point of the line. Capped: a run that does not get "
            "to the target counts with all its steps, fewer than it would need.",
        ),
    ),
    sources=(
        ("I. Goodfellow, Y. Bengio and A. Courville, Deep Learning (2016), section 8.1.3: batch "
        "and minibatch algorithms"),
        ("Y. Bengio, Practical recommendations for gradient-based training of deep architectures, "
        "arXiv:1206.5533 (2012)"),
        ("P. Goyal et al., Accurate, large minibatch SGD: training ImageNet in 1 hour, "
        "arXiv:1706.02677 (2017): the learning rate in proportion to the batch size"),
        ("C. Shallue, J. Lee, J. Antognini, J. Sohl-Dickstein, R. Frostig and G. Dahl, Measuring "
        "the effects of data parallelism on neural network training, arXiv:1811.03600 (2018)"),
    ),
)  # fmt: skip
