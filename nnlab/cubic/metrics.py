"""The metrics of `nnlab cubic`; each log point has all of them."""

from nnlab.metric import Metric

METRICS = (
    Metric("rmse", "y", "lower", ".4g", "Root mean square error on the grid -2, -1.95, ..., 2."),
    Metric("max_error", "y", "lower", ".4g", "Largest absolute error on the same grid."),
    Metric(
        "loss", "y²", "lower", ".4g",
        "Mean of (y - f)² over the samples since the last log point, each before its own step.",
    ),
    Metric("step", "gradient steps", "", ",", "Gradient steps taken."),
    Metric("epoch", "epochs", "", ",", "The epoch (from 1) of the log point."),
    Metric("seconds", "seconds", "lower", ".2f", "Time since training began."),
)  # fmt: skip
