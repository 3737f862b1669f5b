"""The arguments and options of `nnlab sweep`, and which of them go together."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from nnlab.cli.sweep_completion import WORDS, items, metrics, preset_names, space_files, whats
from nnlab.errors import UsageError
from nnlab.text import printable

NAME = re.compile(r"\w[\w.-]*")
OF_A_SWEEP = {  # the options that a sweep that exists takes
    "resume": {"trials", "jobs", "ray", "time_budget", "json"},
    "show": {"json", "csv"},
    "list": {"json"},
}


def _option(
    flags: str, values: str, told: str, panel: str, complete: Callable[..., list[str]] | None = None
) -> Any:  # noqa: ANN401 - Typer's own
    """Declare an option: its flags, what its value is, its help, the heading above it."""
    return typer.Option(
        *flags.split(), metavar=values, help=told, rich_help_panel=panel, autocompletion=complete
    )


What = Annotated[
    str,
    typer.Argument(
        metavar="WHAT", autocompletion=whats, rich_help_panel="Arguments",
        help="An experiment (cubic, fashion), or one of: resume SWEEP, show SWEEP, list.",
    ),
]  # fmt: skip
Items = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="ITEM", autocompletion=items, rich_help_panel="Arguments",
        help="What is searched: key=a,b,c, key=low..high or key=low..high:log; key=value sets a "
        "key for all trials. For resume and show: a sweep's directory, its name, or last.",
    ),
]  # fmt: skip
Search = Annotated[
    Literal["grid", "random", "tpe"] | None,
    _option(
        "--search", "grid|random|tpe",
        "How settings are chosen (default: grid if every key has a list, else tpe).", "Search",
    ),
]  # fmt: skip
Trials = Annotated[
    int | None,
    _option(
        "--trials", "N",
        "Number of settings (default: 20; grid: all). For resume: the new total.", "Search",
    ),
]  # fmt: skip
Seed = Annotated[int | None, _option("--seed", "N", "Seed of the search (default: 0).", "Search")]
MetricName = Annotated[
    str | None,
    _option(
        "--metric", "NAME",
        "The metric that decides (default: rmse for cubic, val_accuracy for fashion).", "Search",
        metrics,
    ),
]  # fmt: skip
Direction = Annotated[
    Literal["minimize", "maximize"] | None,
    _option(
        "--direction", "minimize|maximize",
        "Which values are better (default: as the metric says).", "Search",
    ),
]  # fmt: skip
Seeds = Annotated[
    int | None,
    _option("--seeds", "K", "Runs of each setting, on paired seeds (default: 1).", "Search"),
]
Race = Annotated[
    bool | None,
    _option(
        "--race/--no-race", "",
        "Drop a setting that is worse than the leader beyond chance (needs --seeds 4).", "Search",
    ),
]  # fmt: skip
Prune = Annotated[
    bool | None,
    _option(
        "--prune/--no-prune", "",
        "Stop bad runs early: successive halving on their log points.", "Search",
    ),
]  # fmt: skip
Reruns = Annotated[
    int | None,
    _option(
        "--reruns", "N",
        "Runs of the best setting on fresh seeds, at the end (default: 5; 0: none).", "Search",
    ),
]  # fmt: skip
SpaceFile = Annotated[
    Path | None,
    _option(
        "--config -c", "FILE",
        "YAML file of the sweep: its space, and any options of the search; or sweep-cubic or "
        "sweep-fashion, which come with nnlab.", "Config", space_files,
    ),
]  # fmt: skip
BaseFile = Annotated[
    Path | None,
    _option("--base", "FILE", "Config of the experiment that all trials begin with.", "Config"),
]
PresetName = Annotated[
    str | None,
    _option(
        "--preset", "NAME", "Config that comes with nnlab, in place of --base.", "Config",
        preset_names,
    ),
]  # fmt: skip
TimeBudget = Annotated[
    str | None,
    _option(
        "--time-budget", "TIME",
        "Begin no run after this time: 90s, 10m, 1.5h. The rest is left for resume.", "Options",
    ),
]  # fmt: skip
Name = Annotated[
    str | None,
    _option("--name", "NAME", "Name of the directory (default: cubic-0001, ...).", "Options"),
]
Parent = Annotated[Path, _option("--sweeps-dir", "DIR", "Folder of the sweeps.", "Options")]
Quiet = Annotated[
    bool,
    _option(
        "--quiet -q", "", "Show no progress; print only the directory of the sweep.", "Options"
    ),
]
DryRun = Annotated[
    bool,
    _option(
        "--dry-run", "",
        "List the trials, and predict time, disk and memory; leave nothing behind.", "Options",
    ),
]  # fmt: skip
Csv = Annotated[
    bool, typer.Option("--csv", metavar="", help="For show: print the trials as CSV on stdout.")
]


def refuse_misplaced(what: str, items: Sequence[str], options: Mapping[str, object]) -> None:
    """Raise UsageError for arguments that do not go together.

    Args:
        what: the argument WHAT.
        items: the arguments ITEM.
        options: name of an option -> its value; None if it was not given.
    """
    given = [name for name, value in options.items() if value is not None]
    if what in WORDS:
        wrong = [f"--{name.replace('_', '-')}" for name in given if name not in OF_A_SWEEP[what]]
        if wrong:
            took = "only --json" if what == "list" else "a sweep as it is"
            raise UsageError(f"{what} takes {took}: leave out {', '.join(wrong)}")
        if what == "list" and items:
            raise UsageError(f"list takes no sweep; to show one: nnlab sweep show {items[0]}")
        if what == "list":
            return
        if changed := [printable(item) for item in items[1:] if "=" in item]:
            raise UsageError(f"{what} takes a sweep as it is: leave out {' '.join(changed)}")
        if len(items) != 1:
            raise UsageError(f"name one sweep, such as: nnlab sweep {what} last")
    elif "csv" in given:
        raise UsageError("--csv is for show: nnlab sweep show last --csv")
    if (name := options["name"]) is not None and not NAME.fullmatch(str(name)):
        raise UsageError(
            f"--name {printable(name)}: a name has letters, digits and . _ - only, and begins with "
            "a letter or digit; the folder is named by --sweeps-dir"
        )
    if {"json", "csv"} <= set(given):
        raise UsageError("--json and --csv contradict each other: give one of them")


def budget(text: str | None) -> float | None:
    """Return the seconds of a time such as 90s, 10m or 1.5h; a number alone is in seconds.

    Raises:
        UsageError: the text is not a time, or the time is not above 0.
    """
    if text is None:
        return None
    units = {"s": 1.0, "m": 60.0, "h": 3600.0}
    unit = units.get(text[-1:])
    try:
        seconds = float(text[:-1] if unit else text) * (unit or 1.0)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise UsageError(f"--time-budget {text!r}: give a time above 0, such as 90s, 10m or 1.5h")
    return seconds
