"""A study whose runs are all measured: its rows, its decided claims, what was foretold."""

from collections.abc import Mapping
from dataclasses import dataclass

from nnlab.study.decide import decide
from nnlab.study.gathered import results_of
from nnlab.study.load import Loaded
from nnlab.study.prediction import predictions
from nnlab.study.results import Results
from nnlab.study.store import StudyDirectory
from nnlab.study.verdicts import Judged


@dataclass(frozen=True)
class Outcome:
    """A study that is done.

    Attributes:
        loaded: the study.
        directory: its directory.
        results: all its rows.
        judged: its claims, decided.
        prediction: what each part foretold: part -> name -> number.
    """

    loaded: Loaded
    directory: StudyDirectory
    results: Results
    judged: list[Judged]
    prediction: Mapping[str, Mapping[str, float]]


def decided(loaded: Loaded, directory: StudyDirectory) -> Outcome:
    """Decide the claims of a study whose runs are all measured; write results.csv.

    Raises:
        DataError: a run is not measured, or its readings are damaged.
    """
    results = results_of(loaded, directory)
    directory.write("results.csv", results.csv())
    return Outcome(
        loaded, directory, results, decide(loaded.study, results), predictions(directory)
    )
