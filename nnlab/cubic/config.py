"""Config of `nnlab cubic`; the defaults are the assignment's (MISSION, Part 1)."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, PlainValidator, ValidationInfo, model_validator

from nnlab.config.base import (
    AbsolutePath,
    Config,
    Epochs,
    LearningRate,
    Seed,
    Shuffle,
    refuse_two_orders,
)
from nnlab.config.floats import FloatType
from nnlab.config.strict import Whole, whole
from nnlab.errors import UsageError

GradientKind = Literal["exact", "wrong-unit", "diagonal", "as-printed"]
SAMPLES = 100_000  # drawn by default
AUTO_LOG_POINTS = 50  # in an epoch, at least
MANY_WEIGHTS, MANY_MULTIPLICATIONS = 1_000_000, 8_000_000  # from here on threads pay
THREADS = 2  # where they pay


def _count_or_auto(value: object) -> object:
    """Return a whole number from 1, or "auto"."""
    count = whole(value)
    if count == "auto" or (isinstance(count, int) and not isinstance(count, bool) and count >= 1):
        return count
    raise ValueError("should be a whole number from 1, or auto")


def blas_threads(hidden: int, batch_size: int) -> int:
    """Return the BLAS threads of a step: 1 where its matrices are small, else THREADS.

    Threads shape the sums of a matrix product, so that their number follows from the config, never
    from the cores of a machine. Measured on 2 cores (`benchmarks/threads.py`): at batch size 1 a
    second thread pays when W2 outgrows a core's cache, for a batch when a matrix product takes 8
    million multiplications.
    """
    few = MANY_WEIGHTS if batch_size == 1 else MANY_MULTIPLICATIONS
    return 1 if batch_size * hidden**2 < few else THREADS


def _blas_threads(given: dict[str, Any]) -> int:
    """Return the default of `blas_threads` beside the keys `given`, some of which may be faulty."""
    return blas_threads(given.get("hidden", 1), given.get("batch_size", 1))


def _resolved(engine: str, info: ValidationInfo) -> str:
    """Return the engine for "auto", so that a run records which it used: the fastest installed.

    That is numba, but for one sample a step where W2 is so large that BLAS has a second thread
    (`benchmarks/cubic.py`).
    """
    if engine != "auto":
        return engine
    hidden, batch_size = info.data.get("hidden", 1), info.data.get("batch_size", 1)
    threaded = batch_size == 1 and blas_threads(hidden, batch_size) > 1
    return "numpy" if threaded or not find_spec("numba") else "numba"


def _samples(given: dict[str, Any]) -> int:
    """Return the default of `samples` for the keys `given` before it: all points of a file."""
    if not given.get("points"):
        return SAMPLES
    try:
        return _count(given["points"])
    except UsageError:
        return 0  # the validator says why


def _count(points: Path) -> int:
    from nnlab.cubic.input_files import count_points  # loads NumPy

    return count_points(points)


class NetworkConfig(Config):
    """The network, its initial parameters, and its gradient."""

    copies: ClassVar[Mapping[str, str]] = {"init_from": "inputs/init_from.npz"}

    groups: ClassVar[Mapping[str, str]] = {"hidden": "Network", "gradient": "Training"}

    hidden: Whole = Field(
        125, ge=1, le=20_000, description="Units in each of the two hidden layers."
    )
    init: Literal["gaussian", "recycled"] = Field(
        "gaussian",
        description="How W2 is drawn: every weight independently, or one row, repeated, as in the "
        "assignment.",
    )
    init_scale: float = Field(
        0.05, ge=0, le=1e6, description="Standard deviation of the initial parameters."
    )
    init_from: AbsolutePath | None = Field(
        None,
        description="File (.npz) of the initial parameters W1 b1 W2 b2 W3 b3; init and init_scale "
        "are then ignored.",
    )
    gradient: GradientKind = Field(
        "exact",
        description="The exact gradient, one with a single error of the assignment's code "
        "(wrong-unit, diagonal), or one with both (as-printed).",
    )
    seed: Seed = 0


class CubicConfig(NetworkConfig):
    """A network with two hidden layers, trained by gradient descent on y = x^3."""

    may_change: ClassVar[frozenset[str]] = frozenset({"epochs"})
    lengthens: ClassVar[tuple[str, ...]] = ("epochs",)
    copies: ClassVar[Mapping[str, str]] = {**NetworkConfig.copies, "points": "inputs/points.npy"}
    groups: ClassVar[Mapping[str, str]] = {
        **NetworkConfig.groups,
        "lr": "Training",
        "points": "Data",
        "batch_size": "Training",
        "dtype": "Device and run",
    }

    lr: LearningRate = 0.01
    points: AbsolutePath | None = Field(
        None,
        description="File (.npy) of the training points x. Use the first `samples` points "
        "(default: all) instead of drawing points.",
    )
    samples: Whole = Field(
        default_factory=_samples, ge=1, le=100_000_000,
        description=f"Training points: {SAMPLES:,} drawn once from U(-2, 2), or all of `points`.",
    )  # fmt: skip
    batch_size: Whole = Field(1, ge=1, description="Samples in each gradient step.")
    epochs: Epochs = 1
    shuffle: Shuffle = True
    order: Literal["stored", "once", "replacement", "flip-flop", "sorted", "reversed"] = Field(
        "stored", description="Order of the points in an epoch, without shuffle: as stored; one "
        "random order for all epochs (once); drawn with replacement; a random order, and backwards "
        "in the next epoch (flip-flop); x ascending (sorted) or descending (reversed).",
    )  # fmt: skip
    dtype: Literal["float64", "float32"] = Field(
        "float64", description="Floating-point type of all numbers."
    )
    engine: Annotated[Literal["numpy", "numba", "auto"], AfterValidator(_resolved)] = Field(
        "numpy",
        description="Implementation of the training step: NumPy and BLAS, compiled (Numba), or the "
        "faster of them that is installed (auto).",
    )
    blas_threads: Whole = Field(
        default_factory=_blas_threads, ge=1, le=64, description="Threads of each matrix product "
        "(BLAS): 1 for small matrices, 2 for large ones. They change the last bits.",
    )  # fmt: skip
    log_every: Annotated[int | Literal["auto"], PlainValidator(_count_or_auto)] = Field(
        "auto",
        description="Steps between log points; auto: 1000, or fewer, so that an epoch has at "
        f"least {AUTO_LOG_POINTS} log points.",
    )
    gif: bool = Field(True, description="Write training.gif, an animation of the fit.")

    @property
    def computes_in(self) -> FloatType:
        """The type of every number."""
        return self.dtype

    @property
    def steps_per_epoch(self) -> int:
        """The gradient steps of one pass over the training points."""
        return -(-self.samples // self.batch_size)

    @property
    def log_points(self) -> int:
        """The log points of a whole run; the last step is always one."""
        return -(-self.steps_per_epoch * self.epochs // self.steps_per_log_point)

    @property
    def steps_per_log_point(self) -> int:
        """Steps between log points. "auto" never depends on a key that a resume may change."""
        if self.log_every != "auto":
            return self.log_every
        return max(1, min(1000, self.steps_per_epoch // AUTO_LOG_POINTS))

    @model_validator(mode="after")
    def _fits(self) -> Self:
        refuse_two_orders(self.order, shuffle=self.shuffle)
        if self.points and not self.samples:
            try:
                _count(self.points)
            except UsageError as error:
                raise ValueError(str(error)) from None
        if self.batch_size > self.samples:
            raise ValueError(
                f"batch_size {self.batch_size:,} is more than samples {self.samples:,}; "
                "for full-batch descent make them equal"
            )
        return self
