"""TensorFlow is set up as promised: the user's own settings win, real errors come through."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ENVIRONMENT

LOAD = """
import os
from nnlab.console import Silent
from nnlab.fashion.device import load_tensorflow
device = load_tensorflow("cpu", 32, Silent())
import tensorflow as tf
print(os.environ["TF_ENABLE_ONEDNN_OPTS"], tf.config.threading.get_intra_op_parallelism_threads())
"""
SPEAK = """
import os
from nnlab.fashion import device
with device._without_noise():
    os.write(2, b"I0000 00:00:1.2 3 port.cc:1] oneDNN custom operations are on.\\n")
    os.write(2, b"E0000 00:00:1.2 3 gpu.cc:1] a real error \\xff\\n")
    os.write(2, b"F0000 00:00:1.2 3 cpu.cc:1] the last words")
    {end}
os.write(2, b"after\\n")
"""


def python(code: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    without = {k: v for k, v in ENVIRONMENT.items() if not k.startswith("TF_")}
    return subprocess.run(
        [sys.executable, "-c", code], env=without | environment, capture_output=True, check=False
    )


@pytest.mark.slow
def test_the_users_own_settings_win() -> None:
    done = python(LOAD, TF_ENABLE_ONEDNN_OPTS="0", TF_NUM_INTRAOP_THREADS="3")
    assert done.stdout.split() == [b"0", b"0"]  # 0 threads: nnlab set none
    assert python(LOAD).stdout.split()[0] == b"1"


def test_notices_are_dropped_and_errors_are_not() -> None:
    done = python(SPEAK.format(end="pass"))
    assert done.returncode == 0
    assert b"oneDNN" not in done.stderr
    assert b"a real error \xff\n" in done.stderr
    assert done.stderr.endswith(b"the last wordsafter\n")


def test_the_last_words_of_a_crash_come_through() -> None:
    done = python(SPEAK.format(end="os.abort()"))
    assert done.returncode < 0
    assert b"the last words" in done.stderr


def test_who_sets_tensorflows_log_level_gets_its_log() -> None:
    done = python(SPEAK.format(end="pass"), TF_CPP_MIN_LOG_LEVEL="0")
    assert b"oneDNN" in done.stderr


@pytest.mark.slow
def test_what_keras_is_told_for_other_programs_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "keras.json").write_text(
        '{"floatx": "float64", "image_data_format": "channels_first", "backend": "jax"}'
    )
    code = f"{LOAD}\nimport keras; print(keras.backend.backend(), keras.config.floatx())"
    done = python(code, KERAS_HOME=str(tmp_path), KERAS_BACKEND="torch")
    assert done.stdout.split()[2:] == [b"tensorflow", b"float32"], done.stderr
