"""What does shuffling do, and when is it a bad idea?"""

from math import inf

from nnlab.study.measures import curve, final
from nnlab.study.order_measures import SHUFFLED, SPLIT, recalls, splits_of_a_drift, squared_errors
from nnlab.study.panels import Courses, Dots, Means, panels
from nnlab.study.study import Claim, Equal, Paired, Part, Picture, Study, Within


def order(name: str) -> dict[str, object]:
    """Return the config keys of an order without `shuffle`."""
    return {"shuffle": False, "order": name}


RESHUFFLE = {"reshuffle": {"shuffle": True}}
ONCE = {"once": order("once")}
PASSES = {name: order(name) for name in ("flip-flop", "sorted", "reversed")}  # each sample once
LABELS = {
    "reshuffle": "reshuffled", "once": "shuffled once", "replacement": "with replacement",
    "flip-flop": "flip-flop", "sorted": "sorted", "reversed": "reversed",
}  # fmt: skip
SORTED = {arm: LABELS[arm] for arm in ("reshuffle", "sorted", "reversed")}
ANY = 1.0  # any effect counts, so that "no effect" can only be undecided, with a number of seeds

STUDY = Study(
    name="shuffle",
    question="What does shuffling do, and when is it a bad idea?",
    method=(
        "The numbers are for a study without --quick and --full. The reference network of y = x³ "
        "(two hidden layers of 125 logistic units) takes 100,000 steps on 1,000 points, 100 "
        "epochs in each order: a new random order every epoch (reshuffled), the same random "
        "order in all epochs (shuffled once), drawn with replacement (each step takes any of the "
        "points, so that an epoch has some points twice and others not at all), a random order "
        "that is then run backwards (flip-flop), x ascending or descending. With 50 points it "
        "takes 100,000 steps, too: there the epochs are many and short. In full batches of 200 "
        "points it takes 500 steps. A small convolutional network learns 4,000 images of "
        "Fashion-MNIST (with --full 48,000) reshuffled, shuffled once, or class after class; "
        "each seed has its own order of the classes, so that place and class are apart. Runs of "
        "one seed have the same start and data. For data in time order, series that drift are "
        "split into training and validation rows before or after they are shuffled; a row is "
        "predicted by the training row nearest in time. The error on the validation rows is "
        "compared with the error on the future, which neither has seen. Two more reasons not to "
        "shuffle are not studied here: a curriculum, which shows easy samples first on purpose, "
        "and data on a slow disk, which are read faster in the order in which they are stored."
    ),
    parts=(
        Part(
            name="points",
            experiment="cubic",
            base={"samples": 1000, "epochs": 100, "log_every": 2000, "gif": False},
            arms={**RESHUFFLE, **ONCE, "replacement": order("replacement"), **PASSES},
            quick={"epochs": 2, "log_every": 200},
            measures=(final("rmse"), curve("rmse"), squared_errors),
        ),
        Part(
            name="few-points",
            experiment="cubic",
            base={"samples": 50, "epochs": 2000, "log_every": 2000, "gif": False},
            arms={**RESHUFFLE, **ONCE},
            quick={"epochs": 20, "log_every": 200},
            measures=(squared_errors,),
        ),
        Part(
            name="full-batch",
            experiment="cubic",
            # With replacement, an epoch is another sample: that order is not among the arms.
            # 500 steps: in longer training rounding itself can grow: it did, to 1e-3, in 1,000
            # steps at lr 0.05.
            base={"samples": 200, "batch_size": 200, "epochs": 500, "gif": False},
            arms={**RESHUFFLE, **ONCE, "stored": order("stored"), **PASSES},
            quick={"epochs": 20},
            measures=(final("rmse"),),
        ),
        Part(
            name="images",
            experiment="fashion",
            base={"samples": 5000, "filters": [16, 16], "hidden": 64, "epochs": 4},
            arms={**RESHUFFLE, **ONCE, "by-class": order("by-class")},
            quick={"data": "sample", "samples": 500, "epochs": 1},
            full={"samples": None},
            measures=(final("val_loss", "val_accuracy"), recalls),
        ),
    ),
    derive=(splits_of_a_drift("points"),),
    claims=(
        Claim(
            name="sorted-data",
            says="Sorted data ruin training: the squared error is at least 100 times as large.",
            tests=(
                Paired(
                    part="points", measure="squared_error", of="sorted", against="reshuffle",
                    expect="more", log=True, counts=100,  # as the claim says
                ),
            ),
        ),
        Claim(
            name="last-wins",
            says="On sorted data, the network forgets what it saw first: the error there is at "
            "least twice that of what it saw last (for images: the share recognized of the last "
            "class, minus that of the other classes, is at least 0.5 higher than if reshuffled).",
            differs="the data",
            tests=(
                # Half the error at the end that is seen last: a picture of the fit shows it.
                *(
                    Within(
                        part="points", measure="first/last_rmse", arm=arm, low=2, high=inf,
                        log=True, setting=label,
                    )
                    for arm, label in (("sorted", "x ascending"), ("reversed", "x descending"))
                ),
                # The same class, last in one run and mixed in the other. 0.5: at best the class
                # would be 1 ahead of the others.
                Paired(
                    part="images", measure="last_ahead", of="by-class", against="reshuffle",
                    expect="more", counts=0.5, setting="classes of images",
                ),
            ),
        ),
        Claim(
            name="reshuffling-escapes",
            says="A new order every epoch helps out of local minima in which one fixed order "
            "stays: the loss ends lower.",
            differs="the data",
            tests=tuple(
                Paired(
                    part=part, measure=measure, of="reshuffle", against="once", expect="less",
                    log=True, counts=ANY, setting=setting,
                )
                for part, measure, setting in (
                    ("points", "training_squared_error", "1000 points"),
                    ("few-points", "training_squared_error", "50 points"),
                    ("images", "val_loss", "images"),
                )
            ),
        ),
        Claim(
            name="replacement",
            says="It is better to visit every sample once per epoch than to draw with "
            "replacement, where an epoch has some samples several times and others not at all.",
            tests=(
                Paired(
                    part="points", measure="squared_error", of="reshuffle", against="replacement",
                    expect="less", log=True, counts=ANY,
                ),
            ),
        ),
        Claim(
            name="flip-flop",
            says="A random order that is run forwards, then backwards, is better than a new one "
            "every epoch.",
            tests=(
                Paired(
                    part="points", measure="squared_error", of="flip-flop", against="reshuffle",
                    expect="less", log=True, counts=ANY,
                ),
            ),
        ),
        Claim(
            name="full-batch",
            says="With full batches the order changes nothing: the RMSE is the same but for "
            "rounding (1e-12).",
            tests=(Equal(part="full-batch", measure="rmse", tolerance=1e-12),),
        ),
        Claim(
            name="shuffled-then-split",
            says="Rows in time order that are shuffled before the split make validation promise "
            "too much, since it knows the future: the error of the future is at least twice as "
            "large as promised.",
            tests=(
                Within(
                    part="points", measure="future/promised_error", arm=SHUFFLED, log=True,
                    low=2, high=inf,  # who plans with half the error fails
                ),
            ),
        ),
        Claim(
            name="split-then-shuffled",
            says="Split first, then shuffle the training rows: validation then tells the error "
            "of the future, within a factor of 2.",
            tests=(
                Within(
                    part="points", measure="future/promised_error", arm=SPLIT, log=True,
                    low=1 / 2, high=2,
                ),
            ),
        ),
    ),
    pictures=(
        Picture(
            name="orders",
            draw=panels(
                "The order of 1,000 points",
                Dots(
                    part="points", measure="rmse", arms=LABELS, log_y=True,
                    y_label="RMSE on the grid", title="at the end",
                ),
                Courses(
                    part="points", measure="rmse_curve", arms=SORTED, log_y=True,
                    x_label="gradient steps", y_label="RMSE on the grid", title="during training",
                ),
            ),
            caption="Left: each dot is a run. Compare the four random orders with each other, "
            "then with the two sorted ones. Right: look whether the error on sorted data falls "
            "during training.",
        ),
        Picture(
            name="last-quarter",
            draw=panels(
                "Points: is the part that comes last learned best?",
                Means(
                    part="points", measure="rmse_by_visit", arms=SORTED, log_y=True,
                    x_label="quarter of the interval, in the order of its visit",
                    y_label="RMSE on that quarter",
                ),
            ),
            caption="Mean over the seeds with 95% intervals. A sorted order visits quarter 1 first "
            "and quarter 4 last: from x = -2 up, or, reversed, from x = 2 down. These two lines "
            "may lie on each other. The reshuffled runs visit all quarters at any time.",
        ),
        Picture(
            name="last-class",
            draw=panels(
                "Images: is the class that comes last learned best?",
                Means(
                    part="images", measure="recall_by_place", y_label="share recognized (recall)",
                    arms={"reshuffle": "reshuffled", "by-class": "class after class"},
                    x_label="place of the class in the order by class",
                ),
            ),
            caption="How many test images of a class are recognized, by the place of the class: "
            "mean over the seeds with 95% intervals. The class at a place differs from seed to "
            "seed. The reshuffled runs show how well the same classes can be learned.",
        ),
        Picture(
            name="once",
            draw=panels(
                "A new order every epoch, or one for all",
                Dots(
                    part="few-points", measure="training_squared_error", log_y=True,
                    arms={"reshuffle": LABELS["reshuffle"], "once": LABELS["once"]},
                    y_label="squared error, training points", title="50 points",
                ),
                Dots(
                    part="images", measure="val_loss",
                    arms={"reshuffle": LABELS["reshuffle"], "once": LABELS["once"]},
                    y_label="validation loss, nats", title="images",
                ),
            ),
            caption="Each dot is a run. If one fixed order stayed in worse minima, its dots would "
            "lie higher.",
        ),
        Picture(
            name="split",
            draw=panels(
                "Rows in time order: what validation promises",
                Dots(
                    part="points", measure="promised_error",
                    arms={SHUFFLED: "shuffled, then split", SPLIT: "split, then shuffled",
                          "future": "the future"},
                    y_label="error, in steps of the series",
                ),
            ),
            caption="Each dot is the error over 20 series that drift. Shuffled before the split, "
            "validation rows have training rows on both sides; the future has not. Compare the "
            "two promises with the error on the future.",
        ),
    ),
    sources=(
        "L. Bottou, Curiously fast convergence of some SGD algorithms, open problem, SLDS (2009)",
        "S. Rajput et al., Permutation-Based SGD: Is Random Optimal? arXiv:2102.09718 (2022)",
        "Y. Bengio, Practical recommendations for gradient-based training, arXiv:1206.5533 (2012)",
        "scikit-learn's User Guide: Time Series Split (data in time order)",
    ),
)  # fmt: skip
