"""The progress of a training: epochs done, the best epoch, and whether to stop."""

from dataclasses import dataclass
from typing import Self

from nnlab.fashion.config import FashionConfig
from nnlab.fashion.metrics import TRAINED, VALIDATED
from nnlab.runs.checkpoint_file import Count, Facts
from nnlab.runs.run import Run


class Progress(Facts):
    """The progress of a training; a checkpoint has it besides the arrays.

    Attributes:
        epoch: Number of epochs done.
        best_epoch: The epoch (from 1) with the best validation accuracy, the first one if several
            are equal; 0: none yet.
        best_accuracy: The validation accuracy of that epoch.
    """

    epoch: Count = 0
    best_epoch: Count = 0
    best_accuracy: float = -1.0

    def fault(self, config: FashionConfig, rows: int) -> str:  # noqa: ARG002 - as inherited
        """Return what is wrong for a run that has logged `rows` rows; "" if nothing is."""
        if rows != self.epoch:
            return f"rows is {rows:,}; after epoch {self.epoch:,} it should be the same"
        if self.best_epoch > self.epoch:
            return f"best_epoch is {self.best_epoch:,}; it should be at most {self.epoch:,}"
        return ""

    def logged(self, config: FashionConfig) -> set[str]:
        """Return the columns of metrics.csv."""
        logged = (*TRAINED, *VALIDATED) if config.validation_split else TRAINED
        return {metric.name for metric in logged}

    def after(self, accuracy: float | None) -> Self:
        """Return the progress after one more epoch.

        Args:
            accuracy: The epoch's validation accuracy; None: no validation.
        """
        epoch = self.epoch + 1
        if accuracy is None or accuracy <= self.best_accuracy:
            return self.model_copy(update={"epoch": epoch})
        best = {"best_epoch": epoch, "best_accuracy": accuracy}
        return self.model_copy(update={"epoch": epoch, **best})

    def is_over(self, config: FashionConfig) -> bool:
        """Whether all epochs are done, or `patience` epochs passed without a better accuracy."""
        waited = self.epoch - self.best_epoch
        patient = config.patience is None or waited < config.patience
        return self.epoch >= config.epochs or not patient


@dataclass
class Training:
    """One training, as the callbacks share it.

    Attributes:
        config: The config of the run.
        run: The run, which logs, shows and keeps the results.
        images: Number of training images.
        steps: Number of steps of the whole training.
        progress: The epochs done so far, and the best of them.
    """

    config: FashionConfig
    run: Run
    images: int
    steps: int
    progress: Progress
