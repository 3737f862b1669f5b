"""Config fields -> Typer options: a field's type, bounds, default and description make the flag.

Typer reads the signature of a command; `command` builds this signature from `model_fields`, so
there is only one list of options. Every flag defaults to None: only given flags override the YAML
file.
"""

import dataclasses
import inspect
import os
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Generic, Literal

import typer
from pydantic.fields import FieldInfo

from nnlab.cli.options import Debug, Json, Mlflow, NoPlots, PresetOption, Quiet, Tensorboard
from nnlab.config.base import AnyConfig, Config
from nnlab.config.fields import choices, describe, metavar, plain_type
from nnlab.config.presets import find_preset
from nnlab.config.resolve import Resolved, flag, resolve
from nnlab.config.yamlfile import parse_value
from nnlab.errors import UsageError
from nnlab.paths import expanded
from nnlab.runs import copies
from nnlab.runs.find import config_of
from nnlab.runs.listeners.listener import LISTENERS
from nnlab.runs.run_json import read_record


@dataclass(frozen=True)
class Request(Generic[AnyConfig]):
    """What the user asked for: the checked config, and how to run it."""

    resolved: Resolved[AnyConfig]
    print_config: bool
    run_dir: Path | None
    quiet: bool
    json: bool
    listeners: tuple[str, ...]  # their names
    pictures: bool = True


def _run_options(
    *,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            "-c",
            metavar="PATH",
            help="YAML file to read the keys from; - is standard input.",
        ),
    ] = None,
    preset: PresetOption = None,
    print_config: Annotated[
        bool,
        typer.Option(
            "--print-config",
            metavar="",
            help="Print the YAML and each value's source; run nothing.",
        ),
    ] = False,
    run_dir: Annotated[
        Path | None,
        typer.Option(
            "--run-dir",
            metavar="PATH",
            help="Directory of this run (default: runs/NAME-0001, -0002, ...)",
        ),
    ] = None,
    no_plots: NoPlots = False,
) -> None:
    """Declare the options that only a new run has, in addition to its config keys."""


def _shared_options(
    *,
    tensorboard: Tensorboard = False,
    mlflow: Mlflow = False,
    quiet: Quiet = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Declare the options of every command that trains."""


def command(
    experiment: str, model: type[AnyConfig], models: Mapping[str, type[Config]]
) -> Callable[[Callable[[Request[AnyConfig]], None]], Callable[..., None]]:
    """Turn a function of a Request into a Typer command with an option for each field of `model`.

    The command raises UsageError where a flag or the YAML file is wrong
    (`nnlab.config.resolve.resolve`) or there is no such preset of `experiment`; `models` are those
    of all experiments.
    """

    def decorate(function: Callable[[Request[AnyConfig]], None]) -> Callable[..., None]:
        def wrapper(**given: Any) -> None:  # noqa: ANN401 - one value a field, of the field's type
            function(
                Request(
                    resolved=_resolved(experiment, model, models, given),
                    print_config=given["print_config"],
                    run_dir=given["run_dir"] and expanded(given["run_dir"]),
                    quiet=given["quiet"],
                    json=given["json"],
                    listeners=listeners(given),
                    pictures=not given["no_plots"],
                )
            )

        fields = [
            parameter(key, field, describe(field), panel=model.group(key))
            for key, field in model.model_fields.items()
        ]
        return signed(wrapper, fields, _run_options)

    return decorate


def _resolved(
    experiment: str,
    model: type[AnyConfig],
    models: Mapping[str, type[Config]],
    given: Mapping[str, Any],
) -> Resolved[AnyConfig]:
    """Return the config that the flags and the file or the preset give together."""
    values = flags(model, given)
    if given["preset"] is None:
        path = given["config"] and config_of(given["config"])
        return _with_copies(resolve(model, path, values, models, pipes=True), path)
    if given["config"]:
        raise UsageError(
            "--preset and --config cannot be used together; to change a preset: "
            f"nnlab new-config {experiment} --preset NAME > my.yaml"
        )
    preset = find_preset(given["preset"], experiment)
    return resolve(model, preset.path, values, called=f"preset {preset.name}")


def _with_copies(resolved: Resolved[AnyConfig], path: Path | None) -> Resolved[AnyConfig]:
    """Use a run's copies of input files that are missing, if `path` is the config of a run."""
    if path is None or not os.path.isfile(path.parent / "run.json"):  # noqa: PTH113 - Path's raises for a name that cannot be
        return resolved
    try:
        digests: dict[str, str] = read_record(path.parent).get("inputs", {})
    except UsageError:  # the config is usable even if the run.json next to it is not
        return resolved
    named = {k: v for k, v in digests.items() if resolved.sources.get(k, "").startswith(str(path))}
    return dataclasses.replace(
        resolved, config=copies.stand_in(resolved.config, path.parent, named)
    )


def signed(
    wrapper: Callable[..., None], flags: list[inspect.Parameter], own: Callable[..., None]
) -> Callable[..., None]:
    """Give `wrapper` the signature that Typer reads: `flags`, the parameters of `own`, the shared.

    An argument of `own` comes first.
    """
    given = [p for f in (own, _shared_options) for p in inspect.signature(f).parameters.values()]
    arguments = [p for p in given if p.kind is p.POSITIONAL_OR_KEYWORD]
    options = [p for p in given if p.kind is p.KEYWORD_ONLY]
    wrapper.__signature__ = inspect.Signature([*arguments, *flags, *options])  # type: ignore[attr-defined]
    return wrapper


def parameter(
    name: str, field: FieldInfo, said: str | None, *, panel: str, hidden: bool = False
) -> inspect.Parameter:
    """Return the option of one field: a switch, or a value that is parsed as YAML.

    `said` is its help; `panel` is the heading above it.
    """
    on = flag(name)
    kind = bool if field.annotation is bool else str
    declared = f"{on}/--no-{on[2:]}" if kind is bool else on
    option = typer.Option(
        declared, help=said, metavar=metavar(field), rich_help_panel=panel, hidden=hidden,
        autocompletion=_completing(choices(field.annotation)),
    )  # fmt: skip
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[kind | None, option],
    )


def listeners(given: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the listeners that the user asked for."""
    return tuple(name for name in LISTENERS if given[name])


def _completing(words: Sequence[str]) -> Callable[[str], list[str]]:
    """Return a function for the shell's completion: what the last item of a list may become."""

    def complete(incomplete: str) -> list[str]:
        before, comma, begin = incomplete.rpartition(",")
        rest = [word for word in words if word not in before.split(",")]
        return [before + comma + word for word in rest if word.startswith(begin)]

    return complete


def flags(model: type[Config], given: Mapping[str, Any]) -> dict[str, object]:
    """Return the values of the flags of `model` that were given."""
    return {
        name: _value(field, name, given[name])
        for name, field in model.model_fields.items()
        if given[name] is not None
    }


def _value(field: FieldInfo, name: str, given: str | bool) -> object:
    """Return the value of a flag: text for names and paths, otherwise parsed as YAML."""
    plain = plain_type(field)
    if isinstance(given, bool) or plain is Path or typing.get_origin(plain) is Literal:
        return given
    try:
        bare_list = typing.get_origin(plain) is tuple and not given.startswith("[")
        return parse_value(f"[{given}]" if bare_list else given)
    except UsageError as error:
        raise UsageError(f"{flag(name)}: {error}") from None
