"""Load TensorFlow: without noise, fast on a CPU, on the device that the config asks for."""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from nnlab.console.view import View
from nnlab.cores import cores
from nnlab.errors import DeviceError
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.split import MOST_PARTS
from nnlab.noise import without_noise

GPU_DRIVERS = (Path("/proc/driver/nvidia"), Path("/dev/dxg"))  # Linux, and Linux in Windows
CPU_COST = {"mixed_float16": "3.8", "mixed_bfloat16": "7.6"}  # benchmarks/fashion_steps.py


class Device(NamedTuple):
    """Where training runs.

    Attributes:
        used: The device on which a first operation really ran, such as "CPU:0".
        jit_compile: Whether XLA compiles the training step.
        settings: Settings that the user's environment can change and that affect the last bits of
            the results.
    """

    used: str
    jit_compile: bool
    settings: dict[str, str]


def load_tensorflow(config: FashionConfig, view: View) -> Device:
    """Import TensorFlow, set up the device, and tell the user in one line which device it is.

    Raises:
        DeviceError: the GPU that the config asks for, or that TensorFlow found, cannot be used.
    """
    surely_cpu = _is_surely_cpu(config)
    if surely_cpu:  # known before TensorFlow loads, which takes seconds
        _warn_of_precision(config, view)
    view.note("loading TensorFlow ...")
    _set_environment()
    with without_noise():
        gpus = _import_and_list_gpus()
        if config.device == "gpu" and not gpus:
            raise _no_gpu("TensorFlow sees no GPU")
        on_gpu = bool(gpus) and config.device != "cpu"
        jit_compile = config.jit_compile == "on" or (config.jit_compile == "auto" and on_gpu)
        if not jit_compile:  # Keras does not have both XLA and deterministic operations
            _make_deterministic()
        if on_gpu:
            _set_up_gpus(gpus)
        else:
            _set_up_cpu()
        used = _device_of_first_operation()
    if config.device == "gpu" and "GPU" not in used:
        raise _no_gpu(f"TensorFlow ran an operation on {used} instead")
    no_gpu_found = config.device == "auto" and not gpus
    view.note(f"device: {used}{' (auto: TensorFlow sees no GPU)' if no_gpu_found else ''}")
    if not on_gpu and not surely_cpu:
        _warn_of_precision(config, view)
    return Device(used, jit_compile, {} if on_gpu else _cpu_settings())


def release() -> None:
    """Forget what Keras keeps of all networks for the life of the process; its settings stay.

    TensorFlow still keeps the graphs of two functions of each network. Of 8 runs on the sample in
    one process, each after the first then added 19 MiB in the mean, and 30 without this.
    """
    import keras

    keras.utils.clear_session(free_memory=True)


def _is_surely_cpu(config: FashionConfig) -> bool:
    """Whether training will run on the CPU, as far as it is known without TensorFlow."""
    has_driver = any(path.exists() for path in GPU_DRIVERS)
    return config.device == "cpu" or (config.device == "auto" and not has_driver)


def _set_environment() -> None:
    """Set the variables that TensorFlow and Keras read when they are imported.

    Without AVX512 TensorFlow leaves its oneDNN kernels off, which makes this model much slower
    (docs/performance.md). A value that the user has set for oneDNN is kept.
    """
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    os.environ["KERAS_BACKEND"] = "tensorflow"  # the user's other Keras programs may use another


def _import_and_list_gpus() -> list[Any]:
    """Import Keras and TensorFlow; return the GPUs that TensorFlow sees.

    Keras reads the user's settings for other programs from ~/.keras/keras.json. They would change
    this network, so they are set back to Keras's defaults.
    """
    with _objects_kept():
        import keras
        import tensorflow as tf

    keras.config.set_floatx("float32")
    keras.config.set_image_data_format("channels_last")
    keras.config.set_epsilon(1e-7)
    return list(tf.config.list_physical_devices("GPU"))


@contextmanager
def _objects_kept() -> Iterator[None]:
    """Keep the garbage collector away from what TensorFlow makes when it is first imported.

    These 300,000 objects live as long as the process. While they are made, the collector would look
    through them again and again, and afterwards in each full collection.
    """
    if "tensorflow" in sys.modules:
        yield
        return
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()


def _make_deterministic() -> None:
    """Make a resumed run give the same bytes as an uninterrupted one (cost: performance.md)."""
    import tensorflow as tf

    tf.config.experimental.enable_op_determinism()


def _set_up_gpus(gpus: list[Any]) -> None:
    """Let TensorFlow take GPU memory when it needs it, not all at the start."""
    import tensorflow as tf

    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, enable=True)


def _set_up_cpu() -> None:
    """Hide the GPUs; use 1 thread for each operation, unless the user has set a number.

    The parts of a batch (`split.parts_per_batch`) run in parallel instead. With these small layers
    an operation is too short for several threads. How TensorFlow divides an operation among
    threads also depends on the machine, and would change the order of its sums.
    """
    import tensorflow as tf

    try:
        tf.config.set_visible_devices([], "GPU")
        if "TF_NUM_INTRAOP_THREADS" not in os.environ:
            tf.config.threading.set_intra_op_parallelism_threads(1)
            if "TF_NUM_INTEROP_THREADS" not in os.environ:  # `nnlab.jobs` sets it
                tf.config.threading.set_inter_op_parallelism_threads(min(cores(), MOST_PARTS))
    except RuntimeError as error:  # a notebook has used TensorFlow before
        raise DeviceError(
            f"this program has already used TensorFlow in another way ({error}); "
            "train in a new process, or before anything else uses TensorFlow"
        ) from None


def _device_of_first_operation() -> str:
    """Run one operation, and return the device on which it ran, such as "CPU:0"."""
    import tensorflow as tf

    try:
        one = tf.ones((2, 2))
        return str(tf.linalg.matmul(one, one).device).rpartition("device:")[2]
    except tf.errors.OpError as error:
        raise _no_gpu(f"TensorFlow cannot use the GPU that it sees ({error.message})") from None


def _cpu_settings() -> dict[str, str]:
    """Return the settings for run.json that can change the last bits of results on a CPU."""
    return {
        "threads_an_operation": os.environ.get("TF_NUM_INTRAOP_THREADS", "1"),
        "onednn": os.environ["TF_ENABLE_ONEDNN_OPTS"],
    }


def _warn_of_precision(config: FashionConfig, view: View) -> None:
    """Warn that CPUs are slow with 16-bit numbers, for which most have no arithmetic."""
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
