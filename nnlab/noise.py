"""Load TensorFlow without the notices that its libraries write to stderr."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# A program that copies stdin to stdout without two kinds of lines: notices that TensorFlow's
# libraries write before they read any setting, and the error on a machine without an NVIDIA driver
# (CUDA's error 303: no library).
FILTER = r"""
import re, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for nnlab; this ends when nnlab does
noise = re.compile(rb"^[IW]0000 |^WARNING: All log messages before absl|cuInit.*\(303\)")
for line in sys.stdin.buffer:
    if not noise.search(line):
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
"""


@contextmanager
def without_noise() -> Iterator[None]:
    """Send stderr, also that of libraries, through FILTER until the block ends.

    FILTER runs in its own process, so that the last lines of a crash are still printed.
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
