"""report.json of a run: what the one test found, class by class."""

import json
import re
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from nnlab.config.faults import first_fault
from nnlab.errors import DataError
from nnlab.runs.saved import SavedRun

NAME = "report.json"
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, allow_inf_nan=False)


class OfClass(_Part):
    """How well one class was recognized.

    Attributes:
        precision: share of the images predicted as this class that belong to it; 0 if there are
            none.
        recall: share of the images of this class that were predicted as it.
        f1: harmonic mean of both.
        support: number of test images of this class.
    """

    name: str
    precision: Share
    recall: Share
    f1: Share
    support: Count


class Bin(_Part):
    """The images whose predicted class has a probability in (low, high].

    Attributes:
        count: number of these images.
        confidence: mean probability of the predicted class; 0 for no images.
        accuracy: share of them whose predicted class is right; 0 for no images.
    """

    low: Share
    high: Share
    count: Count
    confidence: Share
    accuracy: Share


class Tested(_Part):
    """The content of report.json.

    Attributes:
        data: name of the data set.
        images: number of test images.
        accuracy: share of the images whose predicted class is right.
        loss: mean cross-entropy, in nats.
        expected_calibration_error: mean of |accuracy - confidence| over the bins, weighted by their
            counts (Guo et al., arXiv:1706.04599, equation 3).
        classes: one entry a class, in the order of the labels.
        confusion: number of images by true class (row) and predicted class (column).
        calibration: 15 bins of equal width.
    """

    data: str
    images: Count
    accuracy: Share
    loss: Annotated[float, Field(ge=0)]
    expected_calibration_error: Share
    classes: list[OfClass]
    confusion: list[list[Count]]
    calibration: list[Bin]

    @model_validator(mode="after")
    def _counts_agree(self) -> Self:
        """Refuse counts that do not belong together."""
        count, supports = len(self.classes), [each.support for each in self.classes]
        if [len(row) for row in self.confusion] != [count] * count:
            raise ValueError(
                f"confusion should have {count} rows of {count} numbers, one for each class"
            )
        if [sum(row) for row in self.confusion] != supports:
            raise ValueError("support of each class should be the sum of its row of confusion")
        if sum(supports) != self.images:
            raise ValueError(f"images should be the sum of the supports, {sum(supports):,}")
        return self


def to_json(tested: Tested) -> str:
    """Return the text of report.json; each row of the confusion matrix is one line."""
    text = json.dumps(tested.model_dump(), indent=2, allow_nan=False)
    return re.sub(r"\[[\d\s,]+\]", lambda row: str(json.loads(row[0])), text) + "\n"


def read(saved: SavedRun) -> Tested | None:
    """Return report.json of a completed run; None if it has none (it is older than 0.3).

    A run that is trained further, and stops before its end, still has the file of its last end.

    Raises:
        DataError: the file is damaged.
    """
    content = saved.json(NAME) if saved.status == "completed" else None
    if content is None:
        return None
    try:
        return Tested.model_validate(content)
    except ValidationError as error:
        raise DataError(f"{saved.path / NAME} is damaged: {first_fault(error)}") from None
