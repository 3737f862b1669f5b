"""Does a network with a wrong gradient still learn?"""

from nnlab.study.measures import curve, final
from nnlab.study.panels import Courses, Dots, panels
from nnlab.study.study import Claim, Paired, Part, Picture, Study, Within

PART = "reference"
KINDS = {
    "exact": "exact gradient",
    "wrong-unit": "wrong-unit error",
    "diagonal": "diagonal error",
    "as-printed": "both errors",
}
STARTS = {"gaussian": "a random start", "recycled": "equal rows in W2"}
ARMS = {
    f"{kind}-{start}": f"{KINDS[kind]} from {STARTS[start]}" for start in STARTS for kind in KINDS
}
WRONG = {arm: label for arm, label in ARMS.items() if not arm.startswith("exact")}
NOTHING = 3.14  # root mean square of x^3 on the grid: the RMSE of a network that answers 0
VISIBLE = 0.1  # the true values go from -8 to 8: a hundredth of 16 is more than a line is wide
TENTH = 1.1  # a tenth: a smaller difference would hardly be reported

STUDY = Study(
    name="gradient",
    question="Does a network with a wrong gradient still learn?",
    method=(
        "The numbers are for a study without --quick. The assignment's network (two hidden "
        "layers of 125 units, 100,000 steps at batch size 1, lr 0.01) is trained with the exact "
        "gradient, with each of the two errors of the printed code, and with both. The "
        "wrong-unit error takes the derivative s' of the logistic function at the wrong unit. "
        "The diagonal error passes the gradient back through the diagonal of W2 only, one weight "
        "for each unit instead of all. There are two starts: all weights drawn at random, or W2 "
        "with equal rows, as the printed code fills it. Runs with the same seed have the same "
        "start and see the same points in the same order. The RMSE is compared by its logarithm."
    ),
    parts=(
        Part(
            name=PART,
            experiment="cubic",
            base={"gif": False},
            arms={
                f"{kind}-{start}": {"gradient": kind, "init": start}
                for start in STARTS
                for kind in KINDS
            },
            quick={"samples": 2000},
            measures=(final("rmse"), curve("rmse")),
        ),
    ),
    claims=(
        Claim(
            name="still-learns",
            says="A network that is trained with a wrong gradient still learns: its error is less "
            "than half of that of a network that always answers 0.",
            tests=tuple(
                Within(
                    part=PART, measure="rmse", arm=arm, low=0, high=NOTHING / 2, log=True,
                    setting=label,
                )
                for arm, label in WRONG.items()
            ),
            differs="which error and which start",
        ),
        Claim(
            name="resembles",
            says="The network that the printed code trains fits the true function: its error is "
            "less than 0.1.",
            tests=(
                Within(
                    part=PART, measure="rmse", arm="as-printed-recycled", low=0, high=VISIBLE,
                    log=True,
                ),
            ),
        ),
        Claim(
            name="errors-cost",
            says="An error in the gradient makes the fit worse: the RMSE is at least 1.1 times "
            "as large.",
            tests=tuple(
                Paired(
                    part=PART, measure="rmse", of=arm, against=f"exact-{arm.rpartition('-')[2]}",
                    expect="more", log=True, counts=TENTH, setting=label,
                )
                for arm, label in WRONG.items()
            ),
            differs="which error and which start",
        ),
        Claim(
            name="equal-rows",
            says="With the exact gradient, a start with equal rows in W2 makes the fit worse: "
            "the RMSE is at least 1.1 times as large.",
            tests=(
                Paired(
                    part=PART, measure="rmse", of="exact-recycled", against="exact-gaussian",
                    expect="more", log=True, counts=TENTH,
                ),
            ),
        ),
    ),
    pictures=(
        Picture(
            name="ends",
            draw=panels(
                "How well each gradient fits",
                *(
                    Dots(
                        part=PART, measure="rmse", y_label="RMSE on the grid", log_y=True,
                        arms={f"{kind}-{start}": label for kind, label in KINDS.items()},
                        title=f"from {STARTS[start]}",
                        line=(VISIBLE, "errors above this line can be seen in a plot (0.1)"),
                    )
                    for start in STARTS
                ),
            ),
            caption="Each dot is a run. Look how far the dots of one column lie apart, and how "
            "many lie on each side of the line: a mean would not show it.",
        ),
        Picture(
            name="courses",
            draw=panels(
                "How each gradient learns",
                *(
                    Courses(
                        part=PART, measure="rmse_curve", x_label="gradient steps", log_y=True,
                        y_label="RMSE on the grid", title=f"from {STARTS[start]}",
                        arms={f"{kind}-{start}": label for kind, label in KINDS.items()},
                    )
                    for start in STARTS
                ),
            ),
            caption="Look which gradients still lower the error late in training. Thin: a run; "
            "thick: the mean of a gradient; band: its 95% interval.",
        ),
    ),
    sources=(
        "The assignment's code, as quoted in docs/errata.md",
        "M. Nielsen, Neural Networks and Deep Learning, chapter 2: the four equations",
    ),
)  # fmt: skip
