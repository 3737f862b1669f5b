"""Does a network with a wrong gradient still learn?"""

from nnlab.study.measures import curve, final
from nnlab.study.panels import Courses, Dots, panels
from nnlab.study.study import Claim, Paired, Part, Picture, Study

ARMS = {"exact": "exact", "as-printed": "as printed"}

STUDY = Study(
    name="gradient",
    question="Does a network with a wrong gradient still learn?",
    method="The reference network is trained with the exact gradient and with the printed one.",
    parts=(
        Part(
            name="reference",
            experiment="cubic",
            base={"gif": False},
            arms={"exact": {}, "as-printed": {"gradient": "as-printed", "engine": "numpy"}},
            quick={"samples": 2000},
            measures=(final("rmse"), curve("rmse")),
        ),
    ),
    claims=(
        Claim(
            name="still-learns",
            says="With a wrong gradient, the network fits as well as with the right one.",
            tests=(
                Paired(
                    part="reference", measure="rmse", of="as-printed", against="exact",
                    expect="less", log=True, counts=1.1,
                ),
            ),
        ),
    ),
    pictures=(
        Picture(
            name="rmse",
            draw=panels(
                "A wrong gradient",
                Dots(
                    part="reference", measure="rmse", arms=ARMS, y_label="RMSE on the grid",
                    log_y=True, title="at the end",
                ),
                Courses(
                    part="reference", measure="rmse_curve", arms=ARMS, log_y=True,
                    x_label="gradient steps", y_label="RMSE on the grid", title="during training",
                ),
            ),
            caption="Each dot is a run.",
        ),
    ),
)  # fmt: skip
