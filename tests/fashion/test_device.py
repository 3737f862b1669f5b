"""The setup of TensorFlow keeps the user's settings for it, and ignores those for Keras."""

from pathlib import Path

import pytest

from tests.conftest import python

LOAD = """
import os
from nnlab.console.view import Silent
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.device import load_tensorflow
device = load_tensorflow(FashionConfig(device="cpu"), Silent())
import tensorflow as tf
print(os.environ["TF_ENABLE_ONEDNN_OPTS"], tf.config.threading.get_intra_op_parallelism_threads())
"""


@pytest.mark.slow
def test_the_users_settings_are_kept() -> None:
    done = python(LOAD, TF_ENABLE_ONEDNN_OPTS="0", TF_NUM_INTRAOP_THREADS="3")
    assert done.stdout.split() == [b"0", b"0"]  # 0 threads: nnlab set none


@pytest.mark.slow
def test_keras_settings_for_other_programs_change_nothing(tmp_path: Path) -> None:
    (tmp_path / "keras.json").write_text(
        '{"floatx": "float64", "image_data_format": "channels_first", "backend": "jax"}'
    )
    code = f"{LOAD}\nimport keras; print(keras.backend.backend(), keras.config.floatx())"
    done = python(code, KERAS_HOME=str(tmp_path), KERAS_BACKEND="torch")
    onednn, _, *keras = done.stdout.split()
    assert (onednn, keras) == (b"1", [b"tensorflow", b"float32"]), done.stderr


@pytest.mark.slow
def test_the_garbage_collector_skips_what_tensorflow_made_and_works_on() -> None:
    code = f"{LOAD}\nimport gc; print(gc.get_freeze_count(), gc.isenabled())"
    *_, kept, works = python(code).stdout.split()
    assert int(kept) > 100_000
    assert works == b"True"
