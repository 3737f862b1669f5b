"""How many epochs: when do more of them hurt?"""

from nnlab.study.fashion_measures import validation_images
from nnlab.study.measures import curve, late
from nnlab.study.panels import Courses, Dots, panels
from nnlab.study.study import Claim, Paired, Part, Picture, Study, Within
from nnlab.study.turning import END, TURN, lowest_at, ratio, turning

ARMS = {"without-dropout": "no dropout", "dropout": "dropout"}
HALF = {"half-equal-epochs": "equal epochs", "half-equal-steps": "equal steps"}
TENTH = 1.1  # of a loss or an RMSE: less would not be seen in a curve

STUDY = Study(
    name="epochs",
    question="How many epochs: when do more of them hurt?",
    method=(
        "The numbers are for a study without --quick and --full. A small convolutional network "
        "(two blocks of 16 filters, 128 hidden units, Adam at lr 0.001, batch size 32) is "
        "trained for 40 epochs on half of the first 4,000 training images of Fashion-MNIST (with "
        "--full of all 60,000), with and without dropout, and validated on the other half after "
        "each epoch. The lowest value of a noisy curve lies below its last one even if nothing "
        "rises. So each run is looked at after the epoch that is best for the mean of the other "
        "seeds. A second part asks what an epoch is worth. The reference network (two hidden "
        "layers of 125 logistic units) learns 10,000 points for 5 epochs. It is compared with "
        "half of these points for as many epochs, and for as many steps. The RMSE of a run is "
        "the mean of its last 10 log points."
    ),
    parts=(
        Part(
            name="overfit",
            experiment="fashion",
            base={"samples": 4000, "validation_split": 0.5, "filters": [16, 16],
                  "epochs": 40},
            arms={"without-dropout": {"conv_dropout": 0.0, "dense_dropout": 0.0}, "dropout": {}},
            quick={"data": "sample", "samples": 500, "epochs": 3},
            full={"samples": None},
            measures=(
                curve("loss", "accuracy", "val_loss", "val_accuracy", over="epoch"),
                validation_images,
            ),
        ),
        Part(
            name="unit",
            experiment="cubic",
            base={"gif": False, "epochs": 5, "log_every": 1000},
            arms={
                "all": {"samples": 10_000},
                "half-equal-epochs": {"samples": 5_000},
                "half-equal-steps": {"samples": 5_000, "epochs": 10},
            },
            measures=(late("rmse"), curve("rmse")),
            # The last value of a run had shown to be noisy, with seeds 0 to 7; these are others.
            first_seed=100,
        ),
    ),
    derive=(
        *(turning("overfit", arm, "val_loss", "val_accuracy") for arm in ARMS),
        *(lowest_at("overfit", arm, "val_loss", "best_epoch") for arm in ARMS),
        *(ratio("unit", "late_rmse", half, "all") for half in HALF),
    ),
    claims=(
        Claim(
            name="more-epochs-hurt",
            says="Trained for too many epochs, a network overfits: its loss on new images rises "
            "to at least 1.1 times that of the best epoch.",
            tests=tuple(
                Paired(
                    part="overfit", measure="val_loss", of=f"{arm}-{END}",
                    against=f"{arm}-{TURN}", expect="more", log=True, counts=TENTH, setting=label,
                )
                for arm, label in ARMS.items()
            ),
            differs="dropout",
        ),
        Claim(
            name="accuracy-falls",
            says="When the loss on new images rises, the accuracy on them falls, by at least "
            "0.005 (one image in 200).",
            tests=(
                Paired(
                    part="overfit", measure="val_accuracy", of=f"without-dropout-{END}",
                    against=f"without-dropout-{TURN}", expect="less",
                    counts=0.005,  # one image in 200
                    cases="validation_images",
                ),
            ),
        ),
        Claim(
            name="dropout-delays",
            says="With dropout, a network can be trained for more epochs before it overfits: at "
            "least 1.5 times as many.",
            tests=(
                Paired(
                    part="overfit", measure="best_epoch", of="dropout", against="without-dropout",
                    expect="more", log=True, counts=1.5,  # what a course of 10 epochs would notice
                ),
            ),
        ),
        Claim(
            name="dropout-helps",
            says="With dropout, a network is better on new images, each at its best epoch: "
            "without dropout, the loss is at least 1.05 times as large.",
            tests=(
                Paired(
                    part="overfit", measure="val_loss", of=f"dropout-{TURN}",
                    against=f"without-dropout-{TURN}", expect="less", log=True,
                    counts=1.05,  # a change of a twentieth would be reported
                ),
            ),
        ),
        Claim(
            name="half-the-points",
            says="Half the training points train a network as well as all points: the RMSE is "
            "the same within 10%.",
            tests=tuple(
                Within(
                    part="unit", measure="late_rmse_ratio", arm=half, low=1 / TENTH, high=TENTH,
                    log=True, setting=label,
                )
                for half, label in HALF.items()
            ),
            differs="what is held equal",
        ),
    ),
    pictures=(
        Picture(
            name="overfitting",
            draw=panels(
                "More epochs",
                *(
                    Courses(
                        part="overfit", measure=f"{measure}_curve", arms=ARMS, x_label="epoch",
                        y_label=label, title=title, log_y="loss" in measure,
                    )
                    for measure, label, title in (
                        ("loss", "cross-entropy, nats", "training loss"),
                        ("val_loss", "cross-entropy, nats", "validation loss"),
                        ("accuracy", "accuracy", "training accuracy"),
                        ("val_accuracy", "accuracy", "validation accuracy"),
                    )
                ),
            ),
            caption="Where a validation loss rises while the training loss still falls, the "
            "network learns what is true of its training images only. Compare what the "
            "validation accuracy does meanwhile. With dropout, the training values are measured "
            "while some units are left out, and so look worse than they are.",
        ),
        Picture(
            name="best-epoch",
            draw=panels(
                "The epoch with the lowest validation loss",
                Dots(part="overfit", measure="best_epoch", arms=ARMS, y_label="epoch"),
            ),
            caption="Each dot is a run. Look how far apart the seeds are. A dot at the last "
            "epoch means that the best one may come later.",
        ),
        Picture(
            name="unit",
            draw=panels(
                "Half the points: equal epochs or equal steps",
                Dots(
                    part="unit", measure="late_rmse", y_label="RMSE on the grid", log_y=True,
                    title="mean of the last 10 log points",
                    arms={
                        "all": "all, 5 epochs",
                        "half-equal-epochs": "half, 5 epochs",
                        "half-equal-steps": "half, 10 epochs",
                    },
                ),
                Courses(
                    part="unit", measure="rmse_curve", log_y=True,
                    arms={"all": "all, 5 epochs", "half-equal-steps": "half, 10 epochs"},
                    x_label="gradient steps", y_label="RMSE on the grid", title="at equal steps",
                ),
            ),
            caption="Left: equal epochs are half the steps for half the points. Right: the same "
            "runs at equal steps; those of half the points for 5 epochs are the first half of "
            "those for 10.",
        ),
    ),
    sources=(
        "I. Goodfellow, Y. Bengio, A. Courville, Deep Learning, MIT Press 2016, section 7.8",
        "L. Prechelt, Early Stopping - but when?, Neural Networks: Tricks of the Trade (1998)",
        "N. Srivastava et al., Dropout: A Simple Way to Prevent Overfitting, JMLR 15 (2014)",
    ),
)  # fmt: skip
