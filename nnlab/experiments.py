"""The table of experiments, and how one is launched without a terminal.

A new experiment is a folder with `config.py` and `train.py`, a row here, and a YAML file.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from nnlab.config.base import Config
from nnlab.config.resolve import Resolved
from nnlab.console.view import Silent, View
from nnlab.cubic.captions import CAPTIONS as CUBIC_CAPTIONS
from nnlab.cubic.check.captions import CAPTIONS as CHECK_CAPTIONS
from nnlab.cubic.check.config import CheckConfig
from nnlab.cubic.check.verdict import METRICS as CHECK_METRICS
from nnlab.cubic.check.verdict import exit_code
from nnlab.cubic.config import CubicConfig
from nnlab.cubic.metrics import METRICS as CUBIC_METRICS
from nnlab.errors import StoppedError, UsageError
from nnlab.exports.formats import FormatName
from nnlab.fashion.captions import CAPTIONS as FASHION_CAPTIONS
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.metrics import METRICS as FASHION_METRICS
from nnlab.fashion.tested import NAME as REPORT
from nnlab.metric import Metric
from nnlab.runs.listeners.listener import Listener
from nnlab.runs.run_json import RUNS
from nnlab.runs.saved import SavedRun
from nnlab.runs.signals import Signals

Judge = Callable[[Mapping[str, float]], tuple[int, str]]
"""The summary of a finished run -> exit code, and a line that explains it ("" for none)."""


def _done(_: Mapping[str, float]) -> tuple[int, str]:
    return 0, ""


@dataclass(frozen=True)
class Experiment:
    """One row of the table.

    Attributes:
        name: the command, and the start of a run directory's name.
        config: the model of its config.
        entry: "module:function"; the function takes (config, run), trains and fills the run.
            The module is imported when an experiment starts, not before.
        sought: the metric that a sweep makes better, unless another is asked for; "" if an
            experiment cannot be swept.
        together: "module:function"; the function takes configs, and returns what trains their runs
            together (`nnlab.cubic.replicas.Together`), or None. "" if runs are always trained one
            after another.
        help: one sentence for `nnlab --help`.
        metrics: what it measures, the headline first.
        outputs: files and folders that a finished run holds.
        examples: two command lines for its help.
        judge: the exit code that follows from the summary of a finished run.
        checks: "module:function" for `nnlab doctor`; the function takes (say, patience) and yields
            a Finding of each check; `say` prints a line, and `patience` is in seconds.
        captions: what to look for in each picture: file name in plots/ -> one or two sentences.
        question: what a run asks, for the head of its page.
        tables: "module:function"; the function takes a saved run and returns the tables that the
            experiment adds to its page. "" for none.
        comparing: "module:name" of a `nnlab.reports.comparing.Comparing`; "" if runs of this
            experiment have no curves to compare.
        filming: "module:name" of a `nnlab.reports.film.Filming`; "" if a run cannot be shown step
            by step.
        replay: "module:function" of `nnlab replay`, which takes (saved run, Asked) and returns
            Replayed (`nnlab.reports.replayed`); "" if a run has no network.
        parting: "module:function" of `nnlab diff`, which takes (two saved runs, tolerance or None,
            view) and returns a `nnlab.reports.parting.Parting`; "" if runs cannot be replayed.
        landscape: "module:function" of `nnlab landscape`, which takes (saved run, View) and
            returns a `nnlab.cubic.landscape.Landscape`; "" if there is none.
        predict: "module:function" of `nnlab predict`, which takes (saved run, Asked) and returns
            Answers (`nnlab.reports.answers`); "" if a run has no network.
        asked: what an example of `nnlab predict RUN ...` asks.
        explain: "module:function" of `nnlab explain RUN --step N`; the function takes (saved run,
            Asked) and returns a Page (`nnlab.cubic.worked.page`); "" if a step cannot be written
            out.
        exports: format of `nnlab export` -> "module:function"; the function takes (saved run, open
            file or empty folder), fills it and returns Exported (`nnlab.exports.formats`).
    """

    name: str
    config: type[Config]
    entry: str
    help: str
    metrics: tuple[Metric, ...]
    sought: str = ""
    together: str = ""
    outputs: tuple[str, ...] = ("model.npz", "plots")
    examples: tuple[str, ...] = ()
    judge: Judge = _done
    checks: str = ""
    captions: Mapping[str, str] = field(default_factory=dict)
    question: str = ""
    tables: str = ""
    comparing: str = ""
    filming: str = ""
    replay: str = ""
    parting: str = ""
    landscape: str = ""
    predict: str = ""
    asked: str = ""
    explain: str = ""
    exports: Mapping[FormatName, str] = field(default_factory=dict)


EXPERIMENTS = {
    row.name: row
    for row in (
        Experiment(
            name="cubic",
            config=CubicConfig,
            entry="nnlab.cubic.train:train",
            together="nnlab.cubic.replicas:together",
            help="Fit y = x^3 with backpropagation written out in NumPy.",
            metrics=CUBIC_METRICS,
            sought="rmse",
            checks="nnlab.cubic.doctor:checks",
            captions=CUBIC_CAPTIONS,
            question="How well does a network with two hidden layers of sigmoids learn y = x³ from "
            "points between -2 and 2?",
            comparing="nnlab.cubic.compare:COMPARING",
            filming="nnlab.cubic.film:FILMING",
            replay="nnlab.cubic.replayed:replay",
            parting="nnlab.cubic.diff:parting",
            landscape="nnlab.cubic.landscape:landscape",
            predict="nnlab.cubic.predict:predict",
            asked="-1.5 0.5",
            explain="nnlab.cubic.worked.explain:explain",
            exports={
                "onnx": "nnlab.cubic.export:onnx",
                "npz": "nnlab.cubic.export:npz",
                "csv": "nnlab.cubic.export:csv",
            },
            examples=(
                "nnlab cubic --hidden 50 --lr 0.02 --no-gif",
                "nnlab cubic --config my.yaml --seed 1 --run-dir runs/seed-1",
            ),
        ),
        Experiment(
            name="fashion",
            config=FashionConfig,
            entry="nnlab.fashion.train:train",
            help="Train a Keras convolutional network on Fashion-MNIST, or on your own images.",
            metrics=FASHION_METRICS,
            sought="val_accuracy",
            checks="nnlab.fashion.doctor:checks",
            captions=FASHION_CAPTIONS,
            question="How well does a convolutional network recognize images that it was not "
            "trained on?",
            tables="nnlab.fashion.tables:tables",
            comparing="nnlab.fashion.compare:COMPARING",
            filming="nnlab.fashion.film:FILMING",
            replay="nnlab.fashion.replayed:replay",
            predict="nnlab.fashion.predict:predict",
            asked="--index 0:10",
            exports={
                "keras": "nnlab.fashion.export:keras",
                "savedmodel": "nnlab.fashion.export:savedmodel",
                "onnx": "nnlab.fashion.export:onnx",
                "npz": "nnlab.fashion.export:npz",
                "csv": "nnlab.fashion.export:csv",
            },
            outputs=("model.npz", REPORT, "plots"),
            examples=(
                "nnlab fashion --data sample --epochs 3",
                "nnlab fashion --filters 16,32 --batch-norm --print-config",
            ),
        ),
        Experiment(
            name="check",
            config=CheckConfig,
            entry="nnlab.cubic.check.check:check",
            help="Check the gradient of `nnlab cubic` against numerical derivatives.",
            metrics=CHECK_METRICS,
            captions=CHECK_CAPTIONS,
            question="Is the gradient that nnlab cubic computes the derivative of its loss?",
            outputs=("plots",),
            examples=(
                "nnlab check --hidden 20",
                "nnlab check --gradient as-printed --batch-size 4",
            ),
            judge=exit_code,
        ),
    )
}
"""Name -> experiment."""


LACKING = {
    "predict": "trains no network",
    "replay": "trains no network",
    "landscape": "has no landscape of its loss",
    "exports": "trains no network",
    "comparing": "has no curves to compare",
    "filming": "has no states to show",
    "explain": "has no step that can be written out",
}
"""Field of Experiment -> what is said of an experiment that leaves it empty."""


def experiment_of(saved: SavedRun, needed: str = "") -> Experiment:
    """Return the experiment of a run.

    Args:
        saved: the run.
        needed: the field, of those in `LACKING`, that the caller uses.

    Raises:
        UsageError: run.json is damaged or names another experiment, or the field is empty.
    """
    row = EXPERIMENTS.get(saved.experiment)
    if row is None:
        raise UsageError(f"{saved.path}: this nnlab has no experiment {saved.experiment!r}")
    if needed and not getattr(row, needed):
        able = " or ".join(row.name for row in EXPERIMENTS.values() if getattr(row, needed))
        raise UsageError(
            f"{saved.path} is a run of {row.name}, which {LACKING[needed]}; give a run of {able}"
        )
    return row


def configs() -> dict[str, type[Config]]:
    """Return the config of each experiment by the experiment's name."""
    return {name: experiment.config for name, experiment in EXPERIMENTS.items()}


def launch(  # noqa: PLR0913 - all but two have a default
    experiment: Experiment,
    resolved: Resolved[Any],
    *,
    command: str,
    view: View | None = None,
    run_dir: Path | None = None,
    parent: Path = RUNS,
    resume: bool = False,
    failed: Callable[[SavedRun], None] | None = None,
    listeners: Iterable[Listener] = (),
    pictures: bool = True,
    until: int | None = None,
) -> SavedRun:
    """Run an experiment to its end, or to a pause, or resume it, and return its saved run.

    In a thread other than the main one, signals are left to the caller.

    Args:
        experiment: the row of the table.
        resolved: its checked config.
        command: the command line, or whatever started the run; run.json and config.yaml keep it.
        view: shows how the run goes; by default nothing is shown.
        run_dir: the run directory; by default the next free `parent/NAME-0001`.
        parent: where numbered run directories are made.
        resume: go on with the run in `run_dir`.
        failed: called with a run that had begun, before its error is raised.
        listeners: hear what the run logs (`nnlab.runs.listeners.listener.open_listeners`).
        pictures: whether to draw pictures; they take about a second, and change no result.
        until: pause once the run has so many log points, unless it ends there; a run that is
            resumed with more trains no step.

    Raises:
        NnlabError: as the experiment's entry, or the run directory cannot be used.
        OSError: the run directory cannot be written.
    """
    from nnlab.runs.run import Run  # noqa: PLC0415 - loads NumPy

    run = Run(
        experiment.name, resolved, view or Silent(), command=command, path=run_dir, parent=parent,
        resume=resume, listeners=listeners, pictures=pictures, until=until,
    )  # fmt: skip
    try:
        with run:
            resolve_name(experiment.entry)(resolved.config, run)
    except Exception:
        if failed and run.begun:
            failed(run.saved())
        raise
    return run.saved()


def launch_together(
    experiment: Experiment,
    resolved: Sequence[Resolved[Any]],
    *,
    command: str,
    run_dirs: Sequence[Path],
    resume: Sequence[bool] = (),
    pictures: bool = True,
    threads: int = 1,
    until: int | None = None,
) -> list[SavedRun | Exception]:
    """Run an experiment several times, together if it can be; each run is as `launch` makes it.

    Nothing is shown. A run that fails does not disturb the others.

    Args:
        experiment: the row of the table.
        resolved: the checked config of each run.
        command: as in `launch`.
        run_dirs: the directory of each run.
        resume: for each run, whether to go on with the run in its directory; by default none.
        pictures: as in `launch`.
        threads: threads of a compiled call; they change no result.
        until: as in `launch`, for each run.

    Returns:
        For each run the saved run, or what it raised.

    Raises:
        StoppedError: a signal ended the runs; what was done is saved in each.
    """
    from nnlab.runs.run import Run  # noqa: PLC0415 - loads NumPy

    going_on = list(resume) or [False] * len(run_dirs)
    train = None
    if experiment.together:
        train = resolve_name(experiment.together)([each.config for each in resolved])
    if train is None:
        return [
            _ended(
                partial(
                    launch,
                    experiment,
                    each,
                    command=command,
                    run_dir=run_dir,
                    resume=again,
                    pictures=pictures,
                    until=until,
                )
            )
            for each, run_dir, again in zip(resolved, run_dirs, going_on, strict=True)
        ]
    signals = Signals(Silent())
    runs = [
        Run(
            experiment.name, each, Silent(), command=command, path=run_dir, resume=again,
            pictures=pictures, signals=signals, until=until,
        )
        for each, run_dir, again in zip(resolved, run_dirs, going_on, strict=True)
    ]  # fmt: skip
    with signals:
        signals.hold()
        ends = train(runs, threads)
    for end in ends:
        if isinstance(end, StoppedError):
            raise end
    return [end or run.saved() for end, run in zip(ends, runs, strict=True)]


def _ended(launch_one: Callable[[], SavedRun]) -> SavedRun | Exception:
    """Return the saved run, or what it raised. Raises StoppedError: a signal ends all runs."""
    try:
        return launch_one()
    except StoppedError:
        raise
    except Exception as error:  # noqa: BLE001 - the other runs go on
        return error
