"""Measures of what the order of the samples does to a network."""

import math
from collections.abc import Iterator
from statistics import fmean

from nnlab.errors import DataError
from nnlab.runs.saved import SavedRun
from nnlab.study.derive import Derive
from nnlab.study.results import Reading, Results, Row

# The functions import what loads NumPy: `nnlab study list` loads this file.

QUARTERS = 4
SHUFFLED, SPLIT = "shuffled-then-split", "split-then-shuffled"


def squared_errors(saved: SavedRun) -> Iterator[Reading]:
    """Yield mean squared errors of the final network of a cubic run.

    squared_error           on the grid
    training_squared_error  on the training points
    rmse_by_visit           the RMSE on a quarter of the interval; `at` 1 is the quarter that is
                            visited first: x from -2 to -1, with order reversed from 1 to 2
    first/last_rmse         that of the first quarter over that of the last
    """
    import numpy as np

    from nnlab.cubic import data
    from nnlab.cubic.network import Backpropagation
    from nnlab.cubic.replay import config_of
    from nnlab.cubic.restored import parameters

    config, (weights, _) = config_of(saved), parameters(saved)
    x, y = data.points(config)
    squares = (data.on_grid(Backpropagation(weights, len(data.GRID))) - data.GRID**3) ** 2
    yield Reading("squared_error", float(squares.mean()))
    trained = Backpropagation(weights, len(x)).forward(x) - y
    yield Reading("training_squared_error", float(np.mean(trained**2)))
    visited = squares[::-1] if config.order == "reversed" else squares
    parts = [math.sqrt(part.mean()) for part in np.array_split(visited, QUARTERS)]
    for place, part in enumerate(parts, start=1):
        yield Reading("rmse_by_visit", part, str(place))
    yield Reading("first/last_rmse", parts[0] / parts[-1])


def recalls(saved: SavedRun) -> Iterator[Reading]:
    """Yield how well a fashion run recognizes each class, by its place in the order by class.

    recall_by_place  share of the test images of a class that are recognized; `at` is the place,
                     from 1, that the seed gives this class in the order by-class, whatever the
                     run's own order: runs of one seed compare the same class
    last_ahead       the recall of the class in the last place, less the mean of the others
    last_predicted   share of all test images that are predicted as that class
    """
    from nnlab.config.resolve import resolve
    from nnlab.fashion.config import FashionConfig
    from nnlab.fashion.data import class_places
    from nnlab.fashion.tested import read

    tested = read(saved)
    if tested is None:
        raise DataError(f"{saved.path}: the run has no report.json")
    config = resolve(FashionConfig, saved.path / "config.yaml", {}).config
    places = class_places(config, len(tested.classes)).tolist()
    by_place = {place: each.recall for place, each in zip(places, tested.classes, strict=True)}
    for place, recall in by_place.items():
        yield Reading("recall_by_place", recall, str(place + 1))
    last = max(places)
    others = fmean(recall for place, recall in by_place.items() if place != last)
    yield Reading("last_ahead", by_place[last] - others)
    predicted = sum(row[places.index(last)] for row in tested.confusion)
    yield Reading("last_predicted", predicted / tested.images)


def splits_of_a_drift(part: str) -> Derive:
    """Return what adds `nnlab.study.drift.errors` of each seed of a part, as two arms and a third.

    promised_error  what validation promises, in the arms SHUFFLED and SPLIT; and what came of it,
                    in the arm `future`
    future/promised_error
                    above 1, validation promised too much
    """

    def derive(results: Results) -> Iterator[Row]:
        from nnlab.study.drift import errors

        for seed in results.seeds(part):
            found = errors(seed)
            told = {SHUFFLED: found.shuffled_first, SPLIT: found.split_first}
            for arm, error in told.items():
                yield Row(part, arm, seed, "promised_error", "", error)
                yield Row(part, arm, seed, "future/promised_error", "", found.future / error)
            yield Row(part, "future", seed, "promised_error", "", found.future)

    return derive
