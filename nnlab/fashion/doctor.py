"""The checks of `nnlab doctor` for `nnlab fashion`: TensorFlow, its devices, and the data."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from nnlab.finding import Finding, Result, examine
from nnlab.text import clipped

ANSWER = "nnlab.fashion.probe: "  # the start of the line with the probe's answer
AGAIN = "install it again: pip install --force-reinstall tensorflow"
CRASHES = {
    "SIGILL": "this processor lacks instructions that TensorFlow was built with; build TensorFlow "
    "for it, or use another machine",
    "SIGKILL": "memory was probably full: close other programs",
}
CONVOLUTION = re.compile(r"^onednn_verbose,.*exec,cpu,convolution,([\w:+]+)", re.MULTILINE)


def checks(say: Callable[[str], None], patience: float) -> Iterator[Finding]:
    """Yield what is found.

    Args:
        say: called with a line before what takes long.
        patience: seconds to wait for TensorFlow.
    """
    say("loading TensorFlow in another process ...")
    answer, log = _probe(patience)
    yield examine("tensorflow", partial(_tensorflow, answer))
    if "versions" in answer:
        yield examine("device", partial(_device, answer))
        yield examine("onednn", partial(_onednn, answer, log))
    yield examine("data", _data)
    yield examine("sample", _sample)


def _probe(patience: float) -> tuple[dict[str, Any], str]:
    """Run `nnlab.fashion.probe` in another process; return its answer, and all it printed."""
    # -P and the same sys.path: the process imports what this one would import.
    code = f"import sys; sys.path[:] = {sys.path!r}; from nnlab.fashion.probe import main; main()"
    try:
        done = subprocess.run(  # noqa: S603 - our own code
            [sys.executable, "-P", "-c", code],
            env=os.environ | {"ONEDNN_VERBOSE": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True, text=True, errors="replace", timeout=patience, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"error": f"no answer in {patience:g} seconds", "advice": "is the disk slow? "
                f"nnlab doctor --patience {10 * patience:g}; if it hangs, {AGAIN}"}, ""  # fmt: skip
    for line in done.stdout.splitlines():
        if line.startswith(ANSWER):
            return json.loads(line.removeprefix(ANSWER)), done.stdout
    ended_by = {-number: number.name for number in signal.Signals}
    how = ended_by.get(done.returncode, f"exit code {done.returncode}")
    said = clipped(done.stderr.rstrip("\n").rpartition("\n")[2], 200)
    how_said = ": ".join(filter(None, [f"the process ended ({how})", said]))
    return {"error": how_said, "advice": CRASHES.get(how, AGAIN)}, ""


def _tensorflow(answer: dict[str, Any]) -> Result:
    """Whether TensorFlow loads."""
    if "error" in answer:
        return Result("fault", answer["error"], answer.get("advice", AGAIN))
    versions = " and ".join(f"{name} {version}" for name, version in answer["versions"].items())
    return Result("ok", f"{versions}, loaded in {answer['seconds']:.1f} s")


def _device(answer: dict[str, Any]) -> Result:
    """On which device a run trains, and whether each device computes."""
    from nnlab.fashion.device import GPU_DRIVERS

    broken = [f"{name}: {why}" for name, why in answer["ran"].items() if why]
    if broken:
        return Result("fault", "; ".join(broken), "train with --device cpu, or mend the driver")
    seen = f"a run trains on {answer['used']}; computed rightly on: {', '.join(answer['ran'])}"
    if "GPU" in answer["used"] or not any(path.exists() for path in GPU_DRIVERS):
        return Result("ok", seen)
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES")
    if hidden is not None:
        why = f"CUDA_VISIBLE_DEVICES is {hidden!r}, which may hide the GPU: unset it"
    else:
        why = "with an NVIDIA GPU: pip install 'tensorflow[and-cuda]'"
    return Result("warn", f"{seen}; there is a GPU's driver, but TensorFlow sees no GPU", why)


def _onednn(answer: dict[str, Any], log: str) -> Result:
    """Whether the CPU's convolutions are those of oneDNN, which are fast."""
    if "GPU" in answer["used"]:
        return Result("ok", "not used: training is on the GPU")
    ran = sorted({name for names in CONVOLUTION.findall(log) for name in names.split("+")})
    if ran:
        return Result("ok", f"convolutions ran in it: {', '.join(ran)}")
    seen = "no convolution ran in it: training is slower (docs/performance.md)"
    if answer["onednn"] != "1":
        return Result("warn", seen, "TF_ENABLE_ONEDNN_OPTS turns it off: unset it")
    return Result("warn", seen, "this build of TensorFlow may be without it")


def _data() -> Result:
    """Where Fashion-MNIST is, every byte of it checked."""
    from nnlab.fashion.dataset.locate import FILES, locate

    said: list[str] = []
    found = locate(say=said.append)
    if found is None:
        return Result(
            "fault", "; ".join(["Fashion-MNIST is not on this machine", *said]),
            "nnlab data fetch (it downloads 30 MB); without it: nnlab fashion --data sample",
        )  # fmt: skip
    seen = f"{found.folder}: the {len(FILES)} files are the published ones"
    if said:
        own = any(line.startswith("NNLAB_DATA") for line in said)
        advice = "set NNLAB_DATA to their folder, or unset it" if own else "remove what is damaged"
        return Result("warn", f"{seen}; {'; '.join(said)}", advice)
    return Result("ok", seen)


def _sample() -> Result:
    """Whether the sample that comes with nnlab is whole."""
    from nnlab.fashion.data import load

    return Result("ok", load("sample").name)
