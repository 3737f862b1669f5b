"""The metrics of `nnlab fashion`: those of each epoch, and those of the one test."""

from nnlab.metric import Metric

TESTED = (
    Metric("test_accuracy", "", "higher", ".4f", "Share of the test images classified correctly."),
    Metric("test_loss", "nats", "lower", ".4g", "Mean cross-entropy on the test images."),
)
VALIDATED = (
    Metric(
        "val_accuracy", "", "higher", ".4f", "Accuracy on the held-out images, after the epoch."
    ),
    Metric("val_loss", "nats", "lower", ".4g", "Cross-entropy on the held-out images."),
)
TRAINED = (
    Metric("epoch", "epochs", "", ",", "Epochs done."),
    Metric(
        "loss", "nats", "lower", ".4g",
        "Training cross-entropy during the epoch, with dropout and augmentation.",
    ),
    Metric("accuracy", "", "higher", ".4f", "Training accuracy during the epoch, like the loss."),
    Metric("lr", "", "", ".4g", "Learning rate of the epoch's last step."),
    Metric("seconds", "seconds", "lower", ".2f", "Time since training began."),
    Metric("images_per_second", "images/s", "higher", ",.0f", "Speed of the training part."),
)  # fmt: skip
METRICS = (*TESTED, *VALIDATED, *TRAINED)
