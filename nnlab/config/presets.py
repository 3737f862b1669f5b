"""The presets: the YAML files in nnlab/configs, by name.

The file EXPERIMENT-NAME.yaml is the preset NAME of an experiment, and EXPERIMENT.yaml is its preset
`default`. A file sweep-EXPERIMENT.yaml is no preset: it is a space for `nnlab sweep`. Each preset
begins with these three lines:

    # nnlab EXPERIMENT --preset NAME
    # what it is
    # Measured: the result
"""

import difflib
import re
from dataclasses import dataclass
from pathlib import Path

from nnlab.errors import UsageError

FOLDER = Path(__file__).parents[1] / "configs"
PLAIN = "default"
SWEEP = "sweep"  # begins the names of files for `nnlab sweep`
HEADER = re.compile(
    r"# nnlab (?P<experiment>\S+) --preset (?P<name>\S+)\n"
    r"# (?P<what>.+)\n"
    r"# Measured: (?P<measured>.+)\n"
)


@dataclass(frozen=True)
class Preset:
    """A shipped config.

    Attributes:
        experiment: the experiment that it is for.
        name: its name among the presets of that experiment.
        path: its YAML file.
    """

    experiment: str
    name: str
    path: Path

    @property
    def full_name(self) -> str:
        """The name that no preset of another experiment has."""
        return f"{self.experiment}-{self.name}"

    @property
    def command(self) -> str:
        """The command line that runs it."""
        return f"nnlab {self.experiment} --preset {self.name}"

    def text(self) -> str:
        """Return its YAML."""
        return self.path.read_text(encoding="utf-8")

    def about(self) -> tuple[str, str]:
        """Return what it is, and the measured result."""
        header = HEADER.match(self.text())
        if header is None:
            raise ValueError(f"{self.path} does not begin as nnlab.config.presets says")
        return header["what"], header["measured"]


def presets(experiment: str | None = None) -> list[Preset]:
    """Return the presets, or those of one experiment; each experiment's default first.

    Only the names of the files are read, because the shell's completion must be fast.
    """
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        of, _, name = path.stem.partition("-")
        if of != SWEEP:
            found.append(Preset(of, name or PLAIN, path))
    found.sort(key=lambda preset: (preset.experiment, preset.name != PLAIN))
    return [preset for preset in found if experiment in {None, preset.experiment}]


def spaces() -> list[str]:
    """Return the names of the shipped spaces for `nnlab sweep --config`."""
    return sorted(path.stem for path in FOLDER.glob(f"{SWEEP}-*.yaml"))


def space_file(path: Path) -> Path:
    """Return the shipped space that a user names, `sweep-cubic` or `configs/sweep-cubic.yaml`.

    It is `path` itself if there is such a file, or no such space.
    """
    named = path.suffix in {"", ".yaml"} and str(path.parent) in {".", FOLDER.name}
    shipped = named and path.stem in spaces() and not path.exists()
    return FOLDER / f"{path.stem}.yaml" if shipped else path


def find_preset(name: str, experiment: str | None = None) -> Preset:
    """Return the preset that a user names, `fast` or `fashion-fast`.

    Raises:
        UsageError: there is none; or it is of another experiment than `experiment`; or several
            experiments have one of that name.
    """
    named = [each for each in presets() if name in {each.name, each.full_name, each.path.stem}]
    of_it = [each for each in named if experiment in {None, each.experiment}]
    if len(of_it) == 1:
        return of_it[0]
    if of_it:
        full = " or ".join(each.full_name for each in of_it)
        raise UsageError(f"several experiments have a preset {name}; say which: {full}")
    known = presets(experiment)
    if not known:
        raise UsageError(f"nnlab {experiment} has no presets")
    if named:
        raise UsageError(
            f"{name} is a preset of nnlab {named[0].experiment}; to run it: {named[0].command}; "
            f"the presets of nnlab {experiment}: {', '.join(each.name for each in known)}"
        )
    names = [each.name if experiment else each.full_name for each in known]
    meant = dict(zip((each.full_name for each in known), names, strict=True))
    meant |= dict(zip((each.name for each in known), names, strict=True))
    near = difflib.get_close_matches(name, meant, n=1)
    hint = f"did you mean {meant[near[0]]}?" if near else f"the presets: {', '.join(names)}"
    raise UsageError(f"there is no preset {name!r}; {hint}")
