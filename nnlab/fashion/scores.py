"""Score the predictions of a test: class by class, and how well they know when they are wrong."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab.fashion.tested import Bin, OfClass, Tested

BINS = 15  # as in Guo et al., section 4


def score(
    labels: NDArray[Any],
    probabilities: NDArray[Any],
    losses: NDArray[Any],
    names: Sequence[str],
    data: str,
) -> Tested:
    """Return the content of report.json.

    Args:
        labels: The true classes, (images,).
        probabilities: The predicted probability of each class, (images, classes).
        losses: The cross-entropy of each image, in nats, (images,).
        names: The name of each class.
        data: The name of the data set.
    """
    predicted = probabilities.argmax(axis=1)
    counts = confusion_matrix(labels, predicted, len(names))
    right = predicted == labels
    bins = list(calibration(probabilities.max(axis=1), right))
    gaps = [bin_.count * abs(bin_.accuracy - bin_.confidence) for bin_ in bins]
    return Tested(
        data=data,
        images=len(labels),
        accuracy=float(np.mean(right)),
        loss=float(np.mean(losses, dtype=np.float64)),
        expected_calibration_error=sum(gaps) / len(labels),
        classes=list(of_classes(counts, names)),
        confusion=counts.tolist(),
        calibration=bins,
    )


def confusion_matrix(true: NDArray[Any], predicted: NDArray[Any], classes: int) -> NDArray[Any]:
    """Count images by true class (row) and predicted class (column); (classes, classes)."""
    pairs = true.astype(np.int64) * classes + predicted
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)


def of_classes(counts: NDArray[Any], names: Sequence[str]) -> list[OfClass]:
    """Return precision, recall and F1 of each class; a share of no images is 0.

    Args:
        counts: Number of images by true (row) and predicted (column) class, (classes, classes).
        names: The name of each class.
    """
    scores = []
    for name, right, true, predicted in zip(
        names,
        counts.diagonal().tolist(),
        counts.sum(axis=1).tolist(),
        counts.sum(axis=0).tolist(),
        strict=True,
    ):
        precision, recall = right / max(predicted, 1), right / max(true, 1)
        f1 = 2 * right / max(true + predicted, 1)  # = 2 precision recall / (precision + recall)
        scores.append(OfClass(name=name, precision=precision, recall=recall, f1=f1, support=true))
    return scores


def calibration(confidence: NDArray[Any], right: NDArray[np.bool_]) -> list[Bin]:
    """Divide the images by confidence into BINS bins of equal width.

    Source: Guo et al., "On Calibration of Modern Neural Networks", arXiv:1706.04599, section 2.

    Args:
        confidence: The probability of the predicted class, (images,).
        right: Whether this class is the true one, (images,).
    """
    edges = np.linspace(0, 1, BINS + 1)
    confidence = np.minimum(confidence, 1)  # a softmax may round to a little more than 1
    which = np.searchsorted(edges, confidence, side="left") - 1  # (low, high]
    counts = np.bincount(which, minlength=BINS)
    of_one = np.maximum(counts, 1)
    confidences = np.bincount(which, weights=confidence, minlength=BINS) / of_one
    accuracies = np.bincount(which, weights=right, minlength=BINS) / of_one
    return [
        Bin(low=low, high=high, count=count, confidence=sure, accuracy=accuracy)
        for low, high, count, sure, accuracy in zip(
            edges[:-1].tolist(),
            edges[1:].tolist(),
            counts.tolist(),
            confidences.tolist(),
            accuracies.tolist(),
            strict=True,
        )
    ]
