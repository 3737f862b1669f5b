"""Load TensorFlow as nnlab wants it: quiet, quick on a CPU, on the device that was asked for."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, NamedTuple

from nnlab.console import View
from nnlab.errors import DeviceError

IMAGES_A_PART = 8  # a smaller part of a batch is not worth a core of its own

# A program that passes on all but the notices that TensorFlow's libraries write before they read
# any setting, and the error of a machine without an NVIDIA driver (CUDA's 303: no library).
FILTER = r"""
import re, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for nnlab; this ends when nnlab does
noise = re.compile(rb"^[IW]0000 |^WARNING: All log messages before absl|cuInit.*\(303\)")
for line in sys.stdin.buffer:
    if not noise.search(line):
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
"""


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
    off, which makes this model much slower (docs/performance.md), so they are switched on before
    the import. On a CPU each core computes a part of the batch, one thread an operation: at this
    size an operation is too short to be shared out, two halves of a batch are not.

    Raises:
        DeviceError: the GPU that was asked for, or found, cannot be used.
    """
    view.note("loading TensorFlow ...")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    os.environ["KERAS_BACKEND"] = "tensorflow"  # a user's other Keras programs may want another
    with _without_noise():
        import keras
        import tensorflow as tf

        # What ~/.keras/keras.json says for other programs would change this network.
        keras.config.set_floatx("float32")
        keras.config.set_image_data_format("channels_last")
        keras.config.set_epsilon(1e-7)
        # A resumed run is to give the bytes of an undisturbed one (docs/performance.md: its cost).
        tf.config.experimental.enable_op_determinism()
        gpus = tf.config.list_physical_devices("GPU")
        if asked == "gpu" and not gpus:
            raise _no_gpu("TensorFlow sees no GPU")
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
        try:
            one = tf.ones((2, 2))
            used = str(tf.linalg.matmul(one, one).device).rpartition("device:")[2]
        except tf.errors.OpError as error:
            raise _no_gpu(f"TensorFlow cannot use the GPU that it sees ({error.message})") from None
        if asked == "gpu" and "GPU" not in used:
            raise _no_gpu(f"TensorFlow ran an operation on {used} instead")
    chosen = "" if gpus else " (auto: TensorFlow sees no GPU)"
    view.note(f"device: {used}{chosen if asked == 'auto' else ''}")
    return Device(used, parts)


def _no_gpu(what: str) -> DeviceError:
    return DeviceError(
        f"device gpu: {what}. With an NVIDIA GPU and its driver: "
        "pip install 'tensorflow[and-cuda]'; without: --device cpu"
    )


def _cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _without_noise() -> Iterator[None]:
    """Send what is written to stderr, by libraries too, through FILTER until the block ends.

    A process of its own filters, so that the last words of a crash come through.
    """
    if "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        yield
        return
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"  # errors
    stderr = os.dup(2)
    command = [sys.executable, "-I", "-S", "-c", FILTER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=stderr) as noise_filter:  # noqa: S603
        assert noise_filter.stdin is not None  # noqa: S101 - it is a pipe
        os.dup2(noise_filter.stdin.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
