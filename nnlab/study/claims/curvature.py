"""Must the learning rate stay below 2 / curvature?"""

import math

from nnlab.study.cubic_measures import edge_of_stability
from nnlab.study.panels import Courses, Dots, panels
from nnlab.study.study import Claim, Paired, Part, Picture, Study, Within

EDGE = {"lr-0.15": 0.15, "lr-0.2": 0.2, "lr-0.3": 0.3}  # above 2 / sharpness of the start
TOO_LARGE = {"lr-0.5": 0.5, "lr-2": 2.0}
RATES = {"lr-0.05": 0.05, **EDGE, **TOO_LARGE}
LABELS = {arm: f"lr {lr:g}" for arm, lr in RATES.items()}
NUMBERS = {arm: f"{lr:g}" for arm, lr in RATES.items()}
LINES = tuple((2 / lr, f"2 / {lr:g}") for lr in EDGE.values())
EVEN = (1.0, "sharpness = 2 / lr")

STUDY = Study(
    name="curvature",
    question="Must the learning rate stay below 2 / curvature?",
    method=(
        "The numbers are for a study without --quick. Two hidden layers of 32 logistic units "
        "learn 64 points by full-batch gradient descent, 12,000 steps from the same starts at "
        "several learning rates. Each run is computed again from its config. The loss is taken "
        "after each of steps 5,000 to 6,000 and of the last 1,000. At about 50 steps the "
        "sharpness is measured: the largest eigenvalue of the Hessian, the matrix of the second "
        "derivatives of the loss. It is how much the loss is curved in the direction where it is "
        "curved most. The Lanczos method finds this eigenvalue from products of the Hessian with "
        "vectors, without the whole matrix. The products are exact but for rounding: they come "
        "from a gradient with a tiny imaginary change of the weights (complex step). On a "
        "quadratic loss, gradient descent diverges if the learning rate is above 2 / sharpness, "
        "that is, if sharpness x lr / 2 is above 1. At the start it is about 0.45 for lr 0.05, "
        "and above 1 for lr 0.15 and larger."
    ),
    parts=(
        Part(
            name="full-batch",
            experiment="cubic",
            base={
                "hidden": 32, "samples": 64, "batch_size": 64, "epochs": 12_000,
                "log_every": 100, "gif": False,
            },
            arms={arm: {"lr": lr} for arm, lr in RATES.items()},
            quick={"epochs": 240},
            measures=(edge_of_stability,),
        ),
    ),
    claims=(
        Claim(
            name="edge-of-stability",
            says="At the end of full-batch training, the mean sharpness is 2 / learning rate, "
            "within 10%.",
            differs="the learning rate",
            tests=tuple(
                # A tenth: of the order of the oscillation around 2 / lr in Cohen et al., figure 1.
                Within(
                    part="full-batch", arm=arm, measure="end_sharpness_x_lr/2", low=0.9, high=1.1,
                    setting=LABELS[arm],
                )
                for arm in EDGE
            ),
        ),
        Claim(
            name="diverges",
            says="With a learning rate above 2 / curvature, training diverges: the loss ends at "
            "10 times that of the start or more (at lr 2: in at least half of the runs it is no "
            "finite number).",
            differs="the learning rate",
            tests=(
                # Ten times the loss of the start: far above guessing, and no oscillation.
                *(
                    Within(
                        part="full-batch", arm=arm, measure="loss_end/start", low=10, high=math.inf,
                        log=True, setting=LABELS[arm],
                    )
                    for arm in (*EDGE, "lr-0.5")
                ),
                # Most runs end at inf or nan, so that they have no loss.
                Within(
                    part="full-batch", arm="lr-2", measure="diverged", low=0.5, high=math.inf,
                    setting=LABELS["lr-2"],
                ),
            ),
        ),
        Claim(
            name="falls-at-every-step",
            says="Full-batch gradient descent that converges lowers the loss at every step: at "
            "most 1 step in 100 raises it.",
            differs="the learning rate",
            tests=tuple(
                # One step in a hundred may raise it: a passing bump of the sharpness.
                Within(
                    part="full-batch", arm=arm, measure="share_of_rising_steps", low=-math.inf,
                    high=0.01, setting=LABELS[arm],
                )
                for arm in ("lr-0.05", *EDGE)
            ),
        ),
        Claim(
            name="falls-in-the-long-run",
            says="At the edge of stability (sharpness near 2 / learning rate) the loss falls in "
            "the long run: from the middle of training to the end by at least 10%.",
            differs="the learning rate",
            tests=tuple(
                # From the middle of the run to its end, by a tenth or more.
                Within(
                    part="full-batch", arm=arm, measure="loss_end/middle", low=0, high=0.9,
                    log=True, setting=LABELS[arm],
                )
                for arm in EDGE
            ),
        ),
        Claim(
            name="flatter",
            says="A larger learning rate finds a flatter minimum: at lr 0.15 the sharpness ends "
            "at least 1.1 times as large as at lr 0.3.",
            tests=(
                # 2 / lr halves from 0.15 to 0.3; a tenth is beyond the oscillation around it.
                Paired(
                    part="full-batch", measure="end_sharpness", of="lr-0.3", against="lr-0.15",
                    expect="less", log=True, counts=1.1,
                ),
            ),
        ),
    ),
    pictures=(
        Picture(
            name="sharpness",
            draw=panels(
                "Sharpness in full-batch training",
                *(
                    Courses(
                        part="full-batch", measure=measure, log_x=log_x, log_y=True, lines=lines,
                        arms={arm: LABELS[arm] for arm in ("lr-0.05", *EDGE)}, y_label=label,
                        x_label="gradient steps",
                    )
                    for measure, label, log_x, lines in (
                        ("sharpness", "sharpness", False, LINES),
                        ("sharpness_x_lr/2", "sharpness x lr / 2", True, (EVEN,)),
                    )
                ),
            ),
            caption="The dashed lines are at sharpness = 2 / lr. Look on which side of its line "
            "each run starts, what the first steps do to it, and where it ends. Thin: a run; "
            "thick: the mean.",
        ),
        Picture(
            name="loss",
            draw=panels(
                "What a learning rate above 2 / sharpness does",
                Courses(
                    part="full-batch", measure="loss_by_step", log_x=True, log_y=True,
                    arms={arm: LABELS[arm] for arm in RATES if arm != "lr-2"},
                    x_label="gradient steps", y_label="loss", title="the loss",
                ),
                *(
                    Dots(
                        part="full-batch", measure=measure, arms=NUMBERS, x_label="learning rate",
                        y_label=label, title=title, line=line,
                    )
                    for measure, label, title, line in (
                        ("end_sharpness_x_lr/2", "sharpness x lr / 2", "at the end", EVEN),
                        ("start_sharpness_x_lr/2", "sharpness x lr / 2", "at the start", EVEN),
                        (
                            "share_of_rising_steps", "share of the steps",
                            "steps that raise the loss", None,
                        ),
                    )
                ),
            ),
            caption="Compare the learning rates at the start and at the end with the line. If "
            "all hidden units are dead (their output no longer changes), only the output's bias "
            "learns: the loss is that of guessing the mean, and sharpness x lr / 2 is lr itself "
            "(0.5 at lr 0.5). A run that ends at inf or nan has no dot.",
        ),
    ),
    sources=(
        ("Y. LeCun, L. Bottou, G. Orr and K.-R. Müller, Efficient BackProp, in: Neural Networks: "
        "Tricks of the Trade (1998), section 5: the largest learning rate of a quadratic loss"),
        ("J. Cohen, S. Kaur, Y. Li, J. Z. Kolter and A. Talwalkar, Gradient descent on neural "
        "networks typically occurs at the edge of stability, arXiv:2103.00065 (2021)"),
        ("A. Lewkowycz, Y. Bahri, E. Dyer, J. Sohl-Dickstein and G. Gur-Ari, The large learning "
        "rate phase of deep learning: the catapult mechanism, arXiv:2003.02218 (2020)"),
    ),
)  # fmt: skip
