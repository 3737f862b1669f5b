"""Config of `nnlab cubic`; the defaults are the assignment's (MISSION, Part 1)."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, PlainValidator, model_validator

from nnlab.config.base import AbsolutePath, Config
from nnlab.config.floats import FloatType
from nnlab.config.strict import Whole, whole
from nnlab.errors import UsageError

GradientKind = Literal["exact", "as-printed"]
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


class NetworkConfig(Config):
    """The network, where it starts, and its gradient."""

    groups: ClassVar[Mapping[str, str]] = {"hidden": "Network", "gradient": "Training"}

    hidden: Whole = Field(
        125, ge=1, le=20_000, description="Units in each of the two hidden layers."
    )
    init: Literal["gaussian", "recycled"] = Field(
        "gaussian",
        description="How W2 is drawn: every weight by itself, or, as the assignment does, one row "
        "that is repeated.",
    )
    init_scale: float = Field(
        0.05, ge=0, le=1e6, description="Standard deviation of the initial parameters."
    )
    init_from: AbsolutePath | None = Field(
        None,
        description="File (.npz) of the initial parameters W1 b1 W2 b2 W3 b3; init and init_scale "
        "play no part then.",
    )
    gradient: GradientKind = Field(
        "exact",
        description="The right gradient, or the one of the assignment's code, its errors included.",
    )
    seed: Whole = Field(0, ge=0, le=2**32 - 1, description="Seed of all that is random.")


class CubicConfig(NetworkConfig):
    """A network with two hidden layers, trained by gradient descent on y = x^3."""

    groups: ClassVar[Mapping[str, str]] = {
        **NetworkConfig.groups,
        "lr": "Training",
        "samples": "Data",
        "batch_size": "Training",
        "dtype": "Device and run",
    }

    lr: float = Field(0.01, gt=0, description="Learning rate.")
    samples: Whole = Field(
        100_000, ge=1, le=100_000_000, description="Training points, drawn once from U(-2, 2)."
    )
    points: AbsolutePath | None = Field(
        None,
        description="File (.npy) of the training points x; the first `samples` of them, by default "
        "all, and none are drawn.",
    )
    batch_size: Whole = Field(1, ge=1, description="Samples in each gradient step.")
    epochs: Whole = Field(1, ge=1, description="Passes over the training points.")
    shuffle: bool = Field(True, description="Visit the points in a new order in every epoch.")
    dtype: Literal["float64", "float32"] = Field("float64", description="Type of every number.")
    engine: Literal["numpy", "numba"] = Field(
        "numpy",
        description="What takes the steps: NumPy and BLAS, or compiled code (needs Numba).",
    )
    blas_threads: Whole = Field(
        default_factory=_blas_threads, ge=1, le=64, description="Threads of BLAS, the library of "
        "matrix products: 1 for small matrices, 2 for large ones. They shape the last bits.",
    )  # fmt: skip
    log_every: Annotated[int | Literal["auto"], PlainValidator(_count_or_auto)] = Field(
        "auto",
        description="Steps from one log point to the next; auto: 1000, or fewer, so that an epoch "
        f"has {AUTO_LOG_POINTS} log points.",
    )
    gif: bool = Field(True, description="Write training.gif, the fit taking shape.")

    @property
    def computes_in(self) -> FloatType:
        """The type of every number."""
        return self.dtype

    @property
    def steps_per_epoch(self) -> int:
        """The gradient steps of one pass over the training points."""
        return -(-self.samples // self.batch_size)

    @property
    def steps_per_log_point(self) -> int:
        """What `log_every` means: of "auto" nothing that a resume may change, such as `epochs`."""
        if self.log_every != "auto":
            return self.log_every
        return max(1, min(1000, self.steps_per_epoch // AUTO_LOG_POINTS))

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.points and "samples" not in self.model_fields_set:
            from nnlab.cubic.input_files import count_points  # NumPy, for those who give a file

            try:
                self.__dict__["samples"] = count_points(self.points)  # frozen for all others
            except UsageError as error:
                raise ValueError(str(error)) from None
        if self.batch_size > self.samples:
            raise ValueError(
                f"batch_size {self.batch_size:,} is more than samples {self.samples:,}; "
                "for full-batch descent make them equal"
            )
        if self.engine == "numba" and self.gradient != "exact":
            raise ValueError(
                f"engine numba has the exact gradient alone; for gradient {self.gradient} "
                "take engine numpy"
            )
        return self
