"""How far `nnlab fashion` is, which epoch was the best, and whether another pays."""

from typing import Self

from pydantic import NonNegativeInt

from nnlab.checkpoint import Facts
from nnlab.fashion.config import FashionConfig


class Progress(Facts):
    """Where training stands, beside its arrays.

    Attributes:
        epoch: epochs done.
        best_epoch: the one, from 1, with the best validation accuracy; the first of equals.
        best_accuracy: that accuracy.
    """

    epoch: NonNegativeInt = 0
    best_epoch: NonNegativeInt = 0
    best_accuracy: float = -1.0

    def after(self, accuracy: float | None) -> Self:
        """Return the progress after one more epoch with that validation accuracy, None: none."""
        epoch = self.epoch + 1
        if accuracy is None or accuracy <= self.best_accuracy:
            return self.model_copy(update={"epoch": epoch})
        best = {"best_epoch": epoch, "best_accuracy": accuracy}
        return self.model_copy(update={"epoch": epoch, **best})

    def is_over(self, config: FashionConfig) -> bool:
        """Whether no epoch is left, or none was better than the best for `patience` epochs."""
        waited = self.epoch - self.best_epoch
        patient = config.patience is None or waited < config.patience
        return self.epoch >= config.epochs or not patient
