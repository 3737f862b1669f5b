"""The tables of a run's page: how well each class was recognized, and how sure the network was."""

from nnlab.fashion.tested import Tested, read
from nnlab.reports.parts import Table
from nnlab.runs.saved import SavedRun


def tables(saved: SavedRun) -> list[Table]:
    """Return the tables of a run that was tested; none for another run.

    Raises:
        DataError: its report.json is damaged.
    """
    tested = read(saved)
    return [_classes(tested), _calibration(tested)] if tested else []


def _classes(tested: Tested) -> Table:
    worst = min(tested.classes, key=lambda each: each.f1, default=None)
    hardest = f" Hardest here: {worst.name}, with an F1 of {worst.f1:.3f}." if worst else ""
    return Table(
        "Classes",
        ("class", "precision", "recall", "F1", "images"),
        [
            (each.name, f"{each.precision:.3f}", f"{each.recall:.3f}", f"{each.f1:.3f}",
             f"{each.support:,}")
            for each in tested.classes
        ],
        f"{tested.images:,} test images of {tested.data}. Precision: how many of the images "
        "predicted as this class belong to it. Recall: how many images of this class were "
        f"predicted as it. F1: the harmonic mean of both.{hardest}",
        right=("precision", "recall", "F1", "images"),
    )  # fmt: skip


def _calibration(tested: Tested) -> Table:
    return Table(
        "Calibration",
        ("probability", "images", "mean probability", "accuracy", "difference"),
        [
            (f"{part.low:.2f} to {part.high:.2f}", f"{part.count:,}", f"{part.confidence:.3f}",
             f"{part.accuracy:.3f}", f"{part.accuracy - part.confidence:+.3f}")
            for part in tested.calibration
            if part.count
        ],
        "Is the network right as often as it says? Each row has the images whose predicted class "
        "has a probability in this range. An accuracy below the mean probability is a network that "
        "is too sure. The mean difference without its sign, weighted by the images, is the "
        f"expected calibration error: {tested.expected_calibration_error:.4f}.",
        right=("images", "mean probability", "accuracy", "difference"),
    )  # fmt: skip
