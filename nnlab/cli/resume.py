"""The options of `nnlab resume`: it may change only keys that did not affect the steps taken."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from pydantic.fields import FieldInfo

from nnlab.cli.arguments import RunArgument
from nnlab.cli.keys import Request, flags, listeners, parameter, signed
from nnlab.config.base import Config
from nnlab.config.changes import resolve_again
from nnlab.config.resolve import flag
from nnlab.errors import UsageError
from nnlab.runs.directory import refuse_links
from nnlab.runs.find import find_run
from nnlab.runs.saved import SavedRun


def _resume_options(run: RunArgument) -> None:
    """Declare what only a resume has, in addition to the config keys."""


def resuming(
    models: Mapping[str, type[Config]],
) -> Callable[[Callable[[SavedRun, Request[Any]], None]], Callable[..., None]]:
    """Turn a function of (saved run, Request) into a command that resumes a run.

    The command accepts the flags of every experiment, so that it can explain why a flag cannot
    change; help shows only those that can. It raises UsageError if there is no run, and as
    `resolve_again`.
    """
    fields = {k: field for model in models.values() for k, field in model.model_fields.items()}
    changeable = {key for model in models.values() for key in model.may_change}

    def decorate(function: Callable[[SavedRun, Request[Any]], None]) -> Callable[..., None]:
        @functools.wraps(function)
        def wrapper(**given: Any) -> None:  # noqa: ANN401
            path = find_run(given["run"])
            saved = SavedRun(path)
            experiment = saved.experiment
            refuse_links(path)
            if experiment not in models:
                raise UsageError(f"{path}: this nnlab has no experiment {experiment!r}")
            model = models[experiment]
            for name in fields.keys() - model.model_fields.keys():
                if given[name] is not None:
                    can = ", ".join(map(flag, sorted(model.may_change))) or "nothing"
                    title = f"{path} is a run of {experiment}, which has no {flag(name)}"
                    raise UsageError(f"{title}; a resume of it can change {can}")
            resolved = resolve_again(model, path, flags(model, given))
            function(
                saved,
                Request(
                    resolved=resolved,
                    print_config=False,
                    run_dir=path,
                    quiet=given["quiet"],
                    json=given["json"],
                    listeners=listeners(given),
                ),
            )

        options = [
            parameter(
                name,
                field,
                _said(name, field, models),
                panel="What a resume may change",
                hidden=name not in changeable,
            )
            for name, field in fields.items()
        ]
        return signed(wrapper, options, _resume_options)

    return decorate


def _said(name: str, field: FieldInfo, models: Mapping[str, type[Config]]) -> str:
    """Return a flag's help, with the experiments that have it."""
    whose = [experiment for experiment, model in models.items() if name in model.may_change]
    return f"{field.description} ({', '.join(whose)})"
