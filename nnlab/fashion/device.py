"""Load TensorFlow as nnlab wants it: quiet, quick on a CPU, on the device that was asked for."""

import os
from pathlib import Path
from typing import NamedTuple

from nnlab.console.view import View
from nnlab.errors import DeviceError
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.split import MOST_PARTS
from nnlab.noise import without_noise

GPU_DRIVERS = (Path("/proc/driver/nvidia"), Path("/dev/dxg"))  # Linux, and Linux in Windows
CPU_COST = {"mixed_float16": "3.8", "mixed_bfloat16": "7.6"}  # benchmarks/fashion_steps.py


class Device(NamedTuple):
    """Where training runs.

    Attributes:
        used: the device on which a first operation really ran, such as "CPU:0".
        jit_compile: whether XLA compiles the training step.
        settings: what the user's environment may have set, and shapes the last bits.
    """

    used: str
    jit_compile: bool
    settings: dict[str, str]


def load_tensorflow(config: FashionConfig, view: View) -> Device:
    """Import TensorFlow, prepare the device, and say in one line what `auto` chose.

    The user's own environment variables win. Without AVX512 TensorFlow leaves its oneDNN kernels
    off, which makes this model much slower (docs/performance.md), so they are switched on before
    the import. On a CPU an operation has one thread, and the parts of a batch (`split.parts_of`)
    run side by side: at this size an operation is too short to be shared out, and how its threads
    would share it is a matter of the machine, which would shape its sums.

    Raises:
        DeviceError: the GPU that was asked for, or found, cannot be used.
    """
    asked = config.device
    hopeless = asked == "cpu" or (asked == "auto" and not any(p.exists() for p in GPU_DRIVERS))
    if hopeless:
        _warn_of_precision(config, view)
    view.note("loading TensorFlow ...")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    os.environ["KERAS_BACKEND"] = "tensorflow"  # a user's other Keras programs may want another
    with without_noise():
        import keras
        import tensorflow as tf

        # What ~/.keras/keras.json says for other programs would change this network.
        keras.config.set_floatx("float32")
        keras.config.set_image_data_format("channels_last")
        keras.config.set_epsilon(1e-7)
        gpus = tf.config.list_physical_devices("GPU")
        if asked == "gpu" and not gpus:
            raise _no_gpu("TensorFlow sees no GPU")
        on_gpu = bool(gpus) and asked != "cpu"
        jit_compile = config.jit_compile == "on" or (config.jit_compile == "auto" and on_gpu)
        if not jit_compile:  # Keras has no XLA with deterministic operations
            # A resumed run is to give the bytes of an undisturbed one (its cost: performance.md).
            tf.config.experimental.enable_op_determinism()
        if on_gpu:
            for gpu in gpus:
                tf.config.experimental.set_memory_growth(gpu, enable=True)
        else:
            tf.config.set_visible_devices([], "GPU")
            if "TF_NUM_INTRAOP_THREADS" not in os.environ:
                tf.config.threading.set_intra_op_parallelism_threads(1)
                tf.config.threading.set_inter_op_parallelism_threads(min(_cores(), MOST_PARTS))
        try:
            one = tf.ones((2, 2))
            used = str(tf.linalg.matmul(one, one).device).rpartition("device:")[2]
        except tf.errors.OpError as error:
            raise _no_gpu(f"TensorFlow cannot use the GPU that it sees ({error.message})") from None
        if asked == "gpu" and "GPU" not in used:
            raise _no_gpu(f"TensorFlow ran an operation on {used} instead")
    chosen = "" if gpus else " (auto: TensorFlow sees no GPU)"
    view.note(f"device: {used}{chosen if asked == 'auto' else ''}")
    if not on_gpu and not hopeless:
        _warn_of_precision(config, view)
    settings = {
        "threads_an_operation": os.environ.get("TF_NUM_INTRAOP_THREADS", "1"),
        "onednn": os.environ["TF_ENABLE_ONEDNN_OPTS"],
    }
    return Device(used, jit_compile, {} if on_gpu else settings)


def _warn_of_precision(config: FashionConfig, view: View) -> None:
    """Say what 16 bits cost where there is no arithmetic for them."""
    if config.precision in CPU_COST:
        view.note(
            f"warning: precision {config.precision} is for GPUs; on a CPU a step took "
            f"{CPU_COST[config.precision]} times as long as in float32 (docs/performance.md)"
        )


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
