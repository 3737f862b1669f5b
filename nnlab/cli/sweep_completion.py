"""What Tab offers after `nnlab sweep`."""

from pathlib import Path

import typer

from nnlab.config.fields import choices

WORDS = ("list", "resume", "show")


def _experiments() -> list[str]:
    from nnlab.experiments import EXPERIMENTS

    return [row.name for row in EXPERIMENTS.values() if row.sought]


def whats(incomplete: str) -> list[str]:
    """Return the experiments and words that begin with `incomplete`, for the shell."""
    return [word for word in (*_experiments(), *WORDS) if word.startswith(incomplete)]


def items(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return what an item may become, for the shell: a sweep, a key, or a value of a key."""
    from nnlab.experiments import EXPERIMENTS

    what, given = _what(ctx), ctx.params.get("items") or ()
    if what in WORDS:
        return [] if given or what == "list" else _sweeps(incomplete)
    if what not in _experiments():
        return []
    fields = EXPERIMENTS[what].config.model_fields
    key, equals, value = incomplete.partition("=")
    if equals and key in fields:
        before, comma, begin = value.rpartition(",")
        words = choices(fields[key].annotation)
        return [f"{key}={before}{comma}{word}" for word in words if word.startswith(begin)]
    taken = {item.partition("=")[0] for item in given} | {"seed"}
    return [f"{name}=" for name in fields if name.startswith(key) and name not in taken]


def _sweeps(incomplete: str) -> list[str]:
    from nnlab.runs.collection import begun

    names = [each.name for each in begun("sweep", Path("sweeps"))]
    found = ["last", *names, *(f"sweeps/{name}" for name in names)]
    return [word for word in found if word.startswith(incomplete)]


def _what(ctx: typer.Context) -> str:
    """Return WHAT, while the shell completes the value of an option."""
    return ctx.params.get("what") or next(iter(ctx.args), "")


def metrics(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the metrics that can decide, for the shell."""
    from nnlab.experiments import EXPERIMENTS

    row = EXPERIMENTS.get(_what(ctx))
    metrics = row.metrics if row else ()
    named = [metric.name for metric in metrics if metric.direction and not metric.of_the_clock]
    return [name for name in named if name.startswith(incomplete)]


def space_files(incomplete: str) -> list[str]:
    """Return the spaces that come with nnlab, and YAML files and folders, for the shell."""
    from glob import escape, glob

    from nnlab.config.presets import spaces

    found = sorted(glob(f"{escape(incomplete)}*"))  # noqa: PTH207 - as it was typed
    files = [f"{name}/" if Path(name).is_dir() else name for name in found]
    shipped = [name for name in spaces() if name.startswith(incomplete)]
    return [*shipped, *(name for name in files if name.endswith(("/", ".yaml", ".yml")))]


def preset_names(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the presets of the experiment, for the shell."""
    from nnlab.config.presets import presets

    names = [each.name for each in presets(_what(ctx) or None)]
    return [name for name in names if name.startswith(incomplete)]
