"""What to do next with a saved run: commands, ready to paste into a shell."""

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from nnlab.config.base import Config
from nnlab.errors import NnlabError
from nnlab.reports.ends import UNFINISHED
from nnlab.reports.parts import Command
from nnlab.runs.find import latest_first
from nnlab.runs.saved import SavedRun
from nnlab.runs.verdict import STEPS_TOO_LARGE
from nnlab.text import rerun_command, resume_line


def next_steps(
    saved: SavedRun, model: type[Config], *, asked: str, comparable: bool
) -> Iterator[Command]:
    """Yield what is useful now, the most useful first.

    Args:
        saved: the run.
        model: the model of its config.
        asked: what an example of `nnlab predict RUN ...` asks; "" if runs have no network.
        comparable: whether `nnlab compare` takes runs of this experiment.
    """
    path, status = saved.path, saved.status
    config = _config(saved, model)
    if status in UNFINISHED:
        yield Command("continue it", resume_line(path))
    if status == "diverged" or STEPS_TOO_LARGE in saved.verdict:
        lr = f" --lr {_smaller(config):g}" if config and hasattr(config, "lr") else ""
        yield Command("take smaller steps", rerun_command(saved.experiment, path) + lr)
        return
    if asked and ((path / "model.npz").exists() or any(path.glob("checkpoint/*"))):
        yield Command("ask the network", f"{_line('predict', path)} {asked}")
    if comparable and (other := _other(saved)):
        yield Command("compare it", _line("compare", path, other))
    yield Command("write a page about it", _line("report", path))
    if status == "completed" and config:
        for key in config.lengthens:
            if key in config.changeable():
                more = f" --{key} {2 * getattr(config, key)}"
                yield Command("train it further", resume_line(path) + more)
    yield Command("run it again", rerun_command(saved.experiment, path))


def _smaller(config: Any) -> float:  # noqa: ANN401 - a config with the key lr
    """Return the learning rate to try next: the default, or a tenth if that was too large, too."""
    default = float(type(config).model_fields["lr"].default)
    return default if config.lr > default else config.lr / 10


def _line(command: str, *paths: Path) -> str:
    return shlex.join(["nnlab", command, *map(str, paths)])


def _config(saved: SavedRun, model: type[Config]) -> Config | None:
    """Return the config of a run as this nnlab understands it; None if it does not."""
    try:
        return model.model_validate_json(json.dumps(saved.config))
    except (ValidationError, NnlabError):
        return None


def _other(saved: SavedRun) -> Path | None:
    """Return the latest other finished run of the same experiment in the same folder."""
    for path in latest_first(saved.path.parent):
        run = SavedRun(path)
        another = path.name != saved.path.name and run.status == "completed"
        if another and run.experiment == saved.experiment:
            return path
    return None
