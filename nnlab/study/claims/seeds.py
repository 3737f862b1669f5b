"""How much of a result is luck?"""

import math

from nnlab.study.luck import OTHER, SAME, comparison, spread, wrong_by_runs
from nnlab.study.measures import curve, final, late
from nnlab.study.panels import Courses, Dots, Means, panels
from nnlab.study.study import Claim, Paired, Part, Picture, Study, Within

PART = "reference"
HALVES = {"half-lr": "half the learning rate", "half-hidden": "half the hidden units"}
SHORT = {"reference": "reference", "half-lr": "half lr", "half-hidden": "half hidden"}
# A tenth: a smaller difference between two settings would hardly be reported.
TENTH = 1.1
# One wrong answer in 20: what a significance test at 5% allows itself.
ONE_IN_20 = 0.05

STUDY = Study(
    name="seeds",
    question="How much of a result is luck?",
    method=(
        "The numbers are for a study without --quick. The reference network (two hidden layers "
        "of 125 units, 100,000 steps at batch size 1) is trained with many seeds, at lr 0.01, at "
        "half of it, and with half the hidden units. A seed chooses the start, the training "
        "points and their order. Runs with the same seed have the same points in the same order "
        "and, if their networks have the same size, the same start. Other seeds (1000 to 1015) "
        "had shown beforehand that both halves fit worse. A comparison of one run of each "
        "setting is wrong if it says the opposite; such comparisons are counted over all pairs "
        "of runs. The RMSE is compared by its logarithm. A spread or a share belongs to all "
        "seeds together. Its interval comes from the jackknife: it is computed again without one "
        "seed, for each seed in turn, and the changes tell how sure it is."
    ),
    parts=(
        Part(
            name=PART,
            experiment="cubic",
            base={"gif": False},
            arms={"reference": {}, "half-lr": {"lr": 0.005}, "half-hidden": {"hidden": 62}},
            quick={"samples": 2000},
            measures=(final("rmse"), late("rmse"), curve("rmse")),
        ),
    ),
    seeds=32,
    derive=(
        spread(PART, "reference", "rmse", "last-value"),
        spread(PART, "reference", "late_rmse", "late-mean"),
        *(comparison(PART, "rmse", "reference", half) for half in HALVES),
        *(wrong_by_runs(PART, "rmse", "reference", half) for half in HALVES),
    ),
    claims=(
        Claim(
            name="seed-hardly-matters",
            says="The seed makes a run repeatable; which seed it is hardly matters: the standard "
            "deviation of ln(RMSE) over the seeds is at most 0.1, which is about 10% of the RMSE.",
            tests=(
                Within(
                    part=PART, measure="spread", arm="last-value", low=-math.inf, high=0.1, log=True
                ),
            ),
        ),
        Claim(
            name="settings-differ",
            says="The learning rate and the number of hidden units change how well a network "
            "fits: with half of one of them, the RMSE is at least 1.1 times as large.",
            tests=tuple(
                Paired(
                    part=PART, measure="rmse", of=half, against="reference", expect="more",
                    log=True, counts=TENTH, setting=label,
                )
                for half, label in HALVES.items()
            ),
            differs="what is halved",
        ),
        Claim(
            name="one-run-is-enough",
            says="One run of each of two settings shows which one is better: at most 5% of such "
            "comparisons are wrong.",
            tests=tuple(
                Within(
                    part=PART, measure="wrong_share", arm=half, at=OTHER, low=-math.inf,
                    high=ONE_IN_20, share=True, setting=label,
                )
                for half, label in HALVES.items()
            ),
            differs="what is halved",
        ),
        Claim(
            name="same-seeds",
            says="Runs with the same seeds are compared with less noise: with other seeds, the "
            "difference varies at least 1.1 times as much.",
            tests=tuple(
                Paired(
                    part=PART, measure="difference_spread", at=half, of=SAME, against=OTHER,
                    expect="less", log=True,
                    counts=TENTH,  # a tenth of the spread is a fifth of the runs
                    setting=label,
                )
                for half, label in HALVES.items()
            ),
            differs="what is halved",
        ),
        Claim(
            name="moment-of-the-end",
            says="Part of the luck is the step at which training ends: the RMSE after the last "
            "step varies at least 1.1 times as much as its mean over the last steps.",
            tests=(
                Paired(
                    part=PART, measure="spread", of="late-mean", against="last-value",
                    expect="less", log=True, counts=TENTH,
                ),
            ),
        ),
    ),
    pictures=(
        Picture(
            name="luck",
            draw=panels(
                "The same settings, other seeds",
                Dots(
                    part=PART, measure="rmse", y_label="RMSE on the grid", log_y=True,
                    arms=SHORT, title="after the last step",
                ),
                Courses(
                    part=PART, measure="rmse_curve", arms={"reference": "reference"}, log_y=True,
                    x_label="gradient steps", y_label="RMSE on the grid",
                    title="reference, during training",
                ),
            ),
            caption="Left: each dot is a run; dots of one column differ in their seed only. "
            "Where columns overlap, one run of each can show the wrong one as better. Right: "
            "where the runs cross each other, the step at which training ends is luck, too.",
        ),
        Picture(
            name="wrong",
            draw=panels(
                "How often a comparison is wrong",
                *(
                    Means(
                        part=PART, measure="expected_wrong_share", title=label,
                        x_label="runs of each setting", y_label="share of wrong comparisons",
                        arms={f"{half}-{OTHER}": "other seeds", f"{half}-{SAME}": "same seeds"},
                    )
                    for half, label in HALVES.items()
                ),
            ),
            caption="The share of comparisons of means that say the opposite of the truth, "
            "computed from the mean and the spread of the differences. Look how many runs it takes "
            "until it is below 0.05, and whether the same seeds for both settings need fewer.",
        ),
    ),
    sources=(
        "X. Bouthillier et al., Accounting for Variance in ML Benchmarks, arXiv:2103.03098",
        "P. Henderson et al., Deep Reinforcement Learning that Matters, arXiv:1709.06560",
        "D. Picard, Torch.manual_seed(3407) is all you need, arXiv:2109.08203",
    ),
)  # fmt: skip
