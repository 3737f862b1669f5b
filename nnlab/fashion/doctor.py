"""The checks of `nnlab doctor` for `nnlab fashion`: TensorFlow, its devices, and the data."""

import os
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from nnlab.doctor.probe import examined, probe
from nnlab.finding import Finding, Result, examine

AGAIN = "install it again: pip install --force-reinstall tensorflow"
CONVOLUTION = re.compile(r"^onednn_verbose,.*exec,cpu,convolution,([\w:+]+)", re.MULTILINE)


def checks(say: Callable[[str], None], patience: float) -> Iterator[Finding]:
    """Yield what is found.

    Args:
        say: called with a line before what takes long.
        patience: seconds to wait for TensorFlow, and for the data.
    """
    say("loading TensorFlow in another process ...")
    answer, log = _probe(patience)
    yield examine("tensorflow", partial(_tensorflow, answer))
    if "versions" in answer:
        yield examine("device", partial(_device, answer))
        yield examine("onednn", partial(_onednn, answer, log))
    yield from examined("nnlab.fashion.doctor:of_data", ("data", "sample"), "numpy", patience)


def of_data() -> Iterator[Finding]:
    """Check the data in this process."""
    yield examine("data", _data)
    yield examine("sample", _sample)


def _probe(patience: float) -> tuple[dict[str, Any], str]:
    """Run `nnlab.fashion.probe` in another process; return its answer, and all it printed."""
    answers, log, fault = probe(
        "nnlab.fashion.probe:look", "tensorflow", patience, ONEDNN_VERBOSE="1"
    )
    if answers:
        return answers[0], log
    _, seen, advice = fault or Result("fault", "the process gave no answer", AGAIN)
    return {"error": seen, "advice": advice}, log


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
