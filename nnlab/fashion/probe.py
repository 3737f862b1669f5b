"""Load TensorFlow as a run does, and take a training step of a convolution on each device.

`nnlab doctor` does this in a process of its own (`nnlab.doctor.probe`), in which oneDNN tells what
it computes.
"""

import time
from collections.abc import Iterator
from typing import Any

from nnlab.console.view import Silent
from nnlab.errors import NnlabError
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.device import load_tensorflow

PIXELS, KERNEL = 8, 3  # sides of an image of ones and of a kernel of ones
OUTPUT = KERNEL**2  # of the kernel on that image, at every pixel


def look() -> Iterator[dict[str, Any]]:
    """Yield what was found, also if it is an error."""
    began = time.perf_counter()
    try:
        found = _look()
    except NnlabError as error:
        found = {"error": str(error), "advice": ""}
    except BaseException as error:  # noqa: BLE001 - a broken TensorFlow may raise anything
        found = {"error": f"{type(error).__name__}: {error}"}
    yield found | {"seconds": time.perf_counter() - began}


def _look() -> dict[str, Any]:
    """Return the versions, the device that a run would use, and what each device computed."""
    used = load_tensorflow(FashionConfig(), Silent())
    import keras
    import tensorflow as tf

    names = [device.name for device in tf.config.list_logical_devices()]
    return {
        "versions": {"tensorflow": tf.__version__, "keras": keras.__version__},
        "used": used.used,
        "onednn": used.settings.get("onednn"),
        "ran": {name.removeprefix("/device:"): _computes(name) for name in names},
    }


def _computes(device: str) -> str:
    """Return "" if a convolution and its gradient are computed on `device`, and are right."""
    import tensorflow as tf

    try:
        with tf.device(device), tf.GradientTape() as tape:
            image = tf.ones((32, PIXELS, PIXELS, 1))
            kernel = tf.Variable(tf.ones((KERNEL, KERNEL, 1, 16)))
            output = tf.nn.conv2d(image, kernel, 1, "VALID")  # (32, 6, 6, 16), each 9
            gradient = tape.gradient(tf.reduce_mean(output), kernel)  # each 1/16
    except tf.errors.OpError as error:
        return str(error.message)
    if not str(output.device).endswith(device):
        return f"the operation ran on {output.device} instead"
    wrong = float(tf.reduce_max(tf.abs(output - OUTPUT)) + tf.reduce_max(tf.abs(gradient - 1 / 16)))
    return "" if wrong < 1e-2 else f"it computes wrong numbers (by {wrong:.2g})"  # noqa: PLR2004
