"""The checks that hold for every experiment, in the order in which they are printed."""

from collections.abc import Iterator
from pathlib import Path

from nnlab.doctor import disk, machine, packages
from nnlab.doctor.probe import examined
from nnlab.doctor.terminal import terminal
from nnlab.finding import Check, Finding, examine

MACHINE: dict[str, Check] = {
    "python": packages.python,
    "packages": packages.packages,
    "extras": packages.extras,
    "processor": machine.processor,
    "settings": machine.settings,
    "home": machine.home,
}


def checks(parent: Path, patience: float) -> Iterator[Finding]:
    """Yield what is found; runs would be made in the folder `parent`.

    What loads a library is done in another process, which has `patience` seconds.
    """
    for name, check in MACHINE.items():
        yield examine(name, check)
    yield from examined(
        "nnlab.doctor.machine:drawn", ["pictures"], "matplotlib pillow numpy", patience
    )
    yield from disk.checks(parent)
    yield examine("terminal", terminal)
