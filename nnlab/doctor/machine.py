"""The processor, the memory, the settings that change a run, the home folder, the pictures."""

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from nnlab.cores import cores
from nnlab.finding import Finding, Result, examine
from nnlab.runs.provenance import machine

ENOUGH_MEMORY = 1.5e9  # bytes; `nnlab fashion` takes 1.35e9 (benchmarks/startup.py)
SETTINGS = (
    "CUDA_VISIBLE_DEVICES", "KERAS_BACKEND", "KERAS_HOME", "LD_LIBRARY_PATH", "LD_PRELOAD",
    "MKL_NUM_THREADS", "NNLAB_DATA", "NUMBA_CACHE_DIR", "NUMBA_CPU_NAME", "NUMBA_DISABLE_JIT",
    "OMP_NUM_THREADS", "OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS", "PYTHONPATH",
    "TF_CPP_MIN_LOG_LEVEL", "TF_ENABLE_ONEDNN_OPTS", "TF_NUM_INTEROP_THREADS",
    "TF_NUM_INTRAOP_THREADS", "TF_XLA_FLAGS", "XDG_CACHE_HOME", "XLA_FLAGS",
)  # fmt: skip


def processor() -> Result:
    """The processor, the cores that this process may use, and the free memory."""
    known = machine()
    seen = f"{known['processor']}, {known['vectors']}, {cores()} of {known['cores']} cores"
    free = free_memory()
    if free is None:
        return Result("ok", seen)
    seen += f", {free / 1e9:.1f} GB of memory free"
    if free < ENOUGH_MEMORY:
        return Result(
            "warn", seen, f"nnlab fashion needs {ENOUGH_MEMORY / 1e9:g} GB: close other programs, "
            "or take --data sample",
        )  # fmt: skip
    return Result("ok", seen)


def settings() -> Result:
    """The environment variables that change how nnlab or its libraries work."""
    given = [f"{name}={os.environ[name]}" for name in SETTINGS if name in os.environ]
    if "NNLAB_MIRROR" in os.environ:
        given.append("NNLAB_MIRROR=...")  # the address may hold a password
    return Result("ok", " ".join(given) or "none set")


def home() -> Result:
    """Whether there is a home folder that can be written: the caches are there."""
    advice = "set HOME to a folder that you may write to; for the data alone, set NNLAB_DATA"
    try:
        folder = Path.home()
    except RuntimeError:
        return Result("warn", "no home folder is known", advice)
    if not folder.is_dir():
        return Result("warn", f"{folder} is not a folder", advice)
    if not os.access(folder, os.W_OK):
        return Result("warn", f"{folder} cannot be written", advice)
    return Result("ok", str(folder))


def pictures() -> Result:
    """Whether matplotlib draws and Pillow reads what it drew."""
    from PIL import Image

    from nnlab import plots

    drawn = BytesIO()
    figure = plots.curves("x", [0, 1], {"y": [0, 1]}, x_label="x", y_label="y")
    plots.write_png(figure, drawn)
    size = " x ".join(map(str, Image.open(drawn).size))
    return Result("ok", f"drew and read a picture of {size} pixels")


def drawn() -> Iterator[Finding]:
    """Check the pictures in this process."""
    yield examine("pictures", pictures)


def free_memory() -> float | None:
    """Return the bytes that this process may still take; None if the system does not tell."""
    try:
        known = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
        free = [int(known["MemAvailable"].split()[0]) * 1024]
    except (OSError, KeyError, ValueError):
        return None
    try:  # a container's limit; Linux's cgroup version 2
        group = Path("/sys/fs/cgroup")
        most, used = ((group / f"memory.{what}").read_text() for what in ("max", "current"))
        free.append(int(most) - int(used))
    except (OSError, ValueError):  # there is no limit
        pass
    return min(free)
