"""Notices of TensorFlow's libraries are dropped; real errors come through."""

from tests.conftest import python

SPEAK = """
import os
from nnlab.noise import without_noise
with without_noise():
    os.write(2, b"I0000 00:00:1.2 3 port.cc:1] oneDNN custom operations are on.\\n")
    os.write(2, b"E0000 00:00:1.2 3 gpu.cc:1] a real error \\xff\\n")
    os.write(2, b"F0000 00:00:1.2 3 cpu.cc:1] the last words")
    {end}
os.write(2, b"after\\n")
"""


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
