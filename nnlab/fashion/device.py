"""Load TensorFlow as nnlab wants it: quiet, quick on a CPU, on the device that was asked for."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, NamedTuple

from nnlab.console import View
from nnlab.errors import DeviceError

IMAGES_A_PART = 8  # a smaller part of a batch is not worth a core of its own

# Notices that TensorFlow's libraries write before they read any setting, and the errors of a
# machine without an NVIDIA driver (CUDA's 303: its library is not there).
NOISE = r"^[IW]0000 |^WARNING: All log messages before absl|cuInit.*\(303\)"


class Device(NamedTuple):
    """Where training runs.

    Attributes:
        used: the device on which a first operation really ran, such as "CPU:0".
        parts: into how many parts a batch is cut, to be computed side by side.
    """

    used: str
    parts: int


def load_tensorflow(asked: Literal["auto", "cpu", "gpu"], batch_size: int, view: View) -> Device:
    """Import TensorFlow, prepare the device, and say in one line what `auto` chose.

    The user's own environment variables win. Without AVX512 TensorFlow leaves its oneDNN kernels
    off, which made this model 1.6 times slower, so they are switched on before the import. On a
    CPU each core computes a part of the batch, one thread an operation: at this size an operation
    is too short to be shared out, two halves of a batch are not.

    Raises:
        DeviceError: `gpu` was asked for and TensorFlow sees none.
    """
    view.note("loading TensorFlow ...")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    with _without_noise():
        import tensorflow as tf

        gpus = tf.config.list_physical_devices("GPU")
        if asked == "gpu" and not gpus:
            raise DeviceError(
                "device gpu: TensorFlow sees no GPU. With an NVIDIA GPU and its driver: "
                "pip install 'tensorflow[and-cuda]'; without: --device cpu"
            )
        parts = 1
        if gpus and asked != "cpu":
            for gpu in gpus:
                tf.config.experimental.set_memory_growth(gpu, enable=True)
        else:
            tf.config.set_visible_devices([], "GPU")
            parts = max(1, min(_cores(), batch_size // IMAGES_A_PART))
            if parts > 1 and "TF_NUM_INTRAOP_THREADS" not in os.environ:
                tf.config.threading.set_intra_op_parallelism_threads(1)
                tf.config.threading.set_inter_op_parallelism_threads(parts)
        one = tf.ones((2, 2))
        used = str(tf.linalg.matmul(one, one).device).rpartition("device:")[2]
    chosen = "" if gpus else " (auto: TensorFlow sees no GPU)"
    view.note(f"device: {used}{chosen if asked == 'auto' else ''}")
    return Device(used, parts)


def _cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _without_noise() -> Iterator[None]:
    """Take `NOISE` out of what is written to stderr, by libraries too, until the block ends.

    A process of its own filters, so that the last words of a crash come through.
    """
    if "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        yield
        return
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"  # errors
    stderr = os.dup(2)
    with subprocess.Popen(["grep", "-vE", NOISE], stdin=subprocess.PIPE, stdout=stderr) as grep:  # noqa: S603, S607 - the system's own
        assert grep.stdin is not None  # noqa: S101 - it is a pipe
        os.dup2(grep.stdin.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
