"""The checks that hold for every experiment, in the order in which they are printed."""

from collections.abc import Iterator
from pathlib import Path

from nnlab.doctor import disk, machine, packages
from nnlab.doctor.terminal import terminal
from nnlab.finding import Check, Finding, examine

MACHINE: dict[str, Check] = {
    "python": packages.python,
    "packages": packages.packages,
    "extras": packages.extras,
    "processor": machine.processor,
    "settings": machine.settings,
    "home": machine.home,
    "pictures": machine.pictures,
}


def checks(parent: Path) -> Iterator[Finding]:
    """Yield what is found; runs would be made in the folder `parent`."""
    for name, check in MACHINE.items():
        yield examine(name, check)
    yield from disk.checks(parent)
    yield examine("terminal", terminal)
