"""Do deep layers of logistic units learn slowly?"""

from nnlab.study.cubic_measures import layer_gradients
from nnlab.study.derive import as_arms
from nnlab.study.measures import curve, steps_to
from nnlab.study.panels import Courses, Dots, panels
from nnlab.study.study import Claim, Paired, Part, Picture, Study, Within

SCALES = {"scale-0.01": 0.01, "scale-0.05": 0.05, "scale-0.2": 0.2, "scale-1": 1.0}
LABELS = {arm: f"start {scale:g} N(0,1)" for arm, scale in SCALES.items()}
PAIRS = [
    ("scale-0.05", "scale-0.01", "0.05 against 0.01"),
    ("scale-0.2", "scale-0.05", "0.2 against 0.05"),
    ("scale-1", "scale-0.2", "1 against 0.2"),
]
ASSIGNMENT = "scale-0.05"  # the scale of the assignment
STEPS = (1, 3, 10, 30, 100, 300, 1000, 2000, 3000, 5000, 10_000, 30_000, 100_000)
LOGGED = (*range(100, 1000, 100), *range(1000, 10_000, 1000), *range(10_000, 100_001, 10_000))

# "Much smaller" is an order of magnitude. It is less than what two layers with the factors of 4 to
# 5 each that Nielsen sees (chapter 5) would give.
MUCH_SMALLER = 0.1
# Half the RMSE of the best straight line, sqrt(64/7 - 4/3 (12/5)^2) = 1.21: the network has bent.
TARGET = 0.6
STEPS_TO, REACHED = f"steps_to_rmse_{TARGET:g}", f"reached_rmse_{TARGET:g}"

STUDY = Study(
    name="vanishing",
    question="Do the lower layers of a network of logistic units learn slowly?",
    method=(
        "The numbers are for a study without --quick. The reference network (two hidden layers "
        "of 125 logistic units) takes 100,000 steps of stochastic gradient descent from starts "
        "of four scales, with the same random numbers, points and order in all of them. Each run "
        "is computed again from its config; at the start and after chosen steps, the gradients "
        "of 10,000 training points are taken one by one. The size of a layer's gradient is the "
        "root mean square of their norms: a step of batch size 1 follows the gradient of one "
        "point. A norm grows with the number of parameters (layer 1: 250, layer 2: 15,750, layer "
        "3: 126). So it is also given per parameter: divided by the square root of their number. "
        "The norm of the mean gradient is given, too; in the mean, the points can cancel each "
        "other."
    ),
    parts=(
        Part(
            name="starts",
            experiment="cubic",
            base={"gif": False, "log_every": 100},
            arms={arm: {"init_scale": scale} for arm, scale in SCALES.items()},
            quick={"samples": 1000},
            measures=(layer_gradients(STEPS), steps_to("rmse", TARGET), curve("rmse", at=LOGGED)),
        ),
    ),
    claims=(
        Claim(
            name="smaller-at-the-start",
            says="In a network of logistic units with small initial weights, the gradient of the "
            "first layer is much smaller than that of the last: at most a tenth of it.",
            differs="how the gradient is measured",
            tests=tuple(
                Within(
                    part="starts", arm=ASSIGNMENT, measure=measure, low=0, high=MUCH_SMALLER,
                    log=True, setting=setting,
                )
                for measure, setting in (
                    ("start_gradient_ratio", "norm of one point's gradient"),
                    ("start_per_parameter_ratio", "the same per parameter"),
                    ("start_mean_gradient_ratio", "norm of the mean gradient of all points"),
                )
            ),
        ),
        Claim(
            name="smaller-all-along",
            says="The first layer goes on learning much more slowly than the last: its gradient "
            "is at most a tenth of that of the last.",
            differs="the step",
            tests=tuple(
                Within(
                    part="starts", arm=ASSIGNMENT, measure="gradient_ratio", at=str(step), low=0,
                    high=MUCH_SMALLER, log=True, setting=f"after {step:,} steps",
                )
                for step in (100, 1000, 10_000, 100_000)
            ),
        ),
        Claim(
            name="larger-start",
            says="Larger initial weights make the gradient vanish less: with weights 4 or 5 "
            "times as large, the first layer's gradient, compared with the last one's, is at "
            "least twice as large.",
            differs="the two scales",
            tests=tuple(
                # Twice: each pair of scales differs four- or fivefold, and two layers multiply.
                Paired(
                    part="starts", measure="start_gradient_ratio", of=larger, against=smaller,
                    expect="more", log=True, counts=2, setting=setting,
                )
                for larger, smaller, setting in PAIRS
            ),
        ),
        Claim(
            name="small-start-is-slow",
            says="A network that starts with small weights learns more slowly: it needs at least "
            "1.1 times as many steps to RMSE 0.6 as one with weights 4 or 5 times as large.",
            differs="the two scales",
            tests=tuple(
                # A tenth more steps: what a user notices in a training of minutes.
                Paired(
                    part="starts", measure=STEPS_TO, reached=REACHED, of=smaller, against=larger,
                    expect="more", log=True, counts=1.1, setting=setting,
                )
                for larger, smaller, setting in PAIRS
            ),
        ),
    ),
    derive=tuple(
        as_arms(
            "starts", ASSIGNMENT, {f"{measure}_{layer}": f"layer-{layer}" for layer in (1, 2, 3)},
            into="layers", measure=measure,
        )
        for measure in ("gradient", "per_parameter")
    ),
    pictures=(
        Picture(
            name="layers",
            draw=panels(
                "The gradient of each layer, from the assignment's start",
                *(
                    Courses(
                        part="layers", measure=measure, log_x=True, log_y=True, title=title,
                        arms={f"layer-{n}": f"layer {n}" for n in (1, 2, 3)},
                        x_label="gradient steps", y_label="root mean square over points",
                    )
                    for measure, title in (
                        ("gradient", "norm of the layer's gradient"),
                        ("per_parameter", "per parameter of the layer"),
                    )
                ),
            ),
            caption="Compare the layers with each other, and early steps with late ones. Left: "
            "the step of each layer as a whole. Right: the same per parameter, since layer 2 has "
            "63 times as many as layer 1. Thin: a run; thick: the mean.",
        ),
        Picture(
            name="starts",
            draw=panels(
                "The scale of the start",
                Courses(
                    part="starts", measure="gradient_ratio", arms=LABELS, log_x=True, log_y=True,
                    x_label="gradient steps", y_label="norm of layer 1 / norm of layer 3",
                    title="does the gradient of layer 1 vanish?",
                    lines=((MUCH_SMALLER, "a tenth"), (1.0, "equal")),
                ),
                Courses(
                    part="starts", measure="rmse_curve", arms=LABELS, log_x=True, log_y=True,
                    x_label="gradient steps", y_label="RMSE on the grid", title="the fit",
                    lines=((TARGET, "target"),),
                ),
                Dots(
                    part="starts", measure=STEPS_TO, arms={a: f"{s:g}" for a, s in SCALES.items()},
                    log_y=True, x_label="scale of the start", y_label="gradient steps",
                    title=f"steps to RMSE {TARGET:g}",
                ),
                Dots(
                    part="starts", measure="start_gradient_ratio", log_y=True,
                    arms={a: f"{s:g}" for a, s in SCALES.items()}, x_label="scale of the start",
                    y_label="norm of layer 1 / norm of layer 3", title="at the start",
                    line=(MUCH_SMALLER, "a tenth"),
                ),
            ),
            caption="Look how small the gradient of the first layer is from each start, how long "
            "that lasts, and how many steps it costs. A run that does not get to the target "
            "counts with all its steps, fewer than it would need.",
        ),
    ),
    sources=(
        ("S. Hochreiter, Untersuchungen zu dynamischen neuronalen Netzen, diploma thesis, "
        "TU München (1991)"),
        ("Y. Bengio, P. Simard and P. Frasconi, Learning long-term dependencies with gradient "
        "descent is difficult, IEEE Transactions on Neural Networks 5 (1994)"),
        ("X. Glorot and Y. Bengio, Understanding the difficulty of training deep feedforward "
        "neural networks, AISTATS (2010)"),
        "M. Nielsen, Neural Networks and Deep Learning, chapter 5 (2015)",
    ),
)  # fmt: skip
