"""The commands of `nnlab`: the module of a command is imported when that command is asked for."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from typer import Typer
from typer.main import get_command_from_info, get_command_name, get_group_from_info
from typer.models import TyperInfo

EXPERIMENT = "nnlab.cli.train"  # the module that makes a command of each experiment


class Commands(Mapping[str, Any]):
    """Command name -> Typer's command; to list the names imports no module of a command.

    Args:
        modules: command name -> the module that holds it: its `app` has the command, or is a group
            of commands of that name. The experiments of the table EXPERIMENTS come in addition.
    """

    def __init__(self, modules: Mapping[str, str]) -> None:
        self._modules = modules
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - Typer's
        """Import the command `name`."""
        if name not in self._loaded:
            self._loaded[name] = _command(self._module(name), name)
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        yield from _experiments()
        yield from self._modules

    def __len__(self) -> int:
        return len(_experiments()) + len(self._modules)

    def _module(self, name: str) -> str:
        if name not in self._modules and name not in _experiments():
            raise KeyError(name)
        return self._modules.get(name, EXPERIMENT)


def _experiments() -> Mapping[str, object]:
    from nnlab.experiments import EXPERIMENTS

    return EXPERIMENTS


def _command(module: str, name: str) -> Any:  # noqa: ANN401
    """Return the command `name` of a module, or its group of commands."""
    app: Typer = import_module(module).app
    for info in app.registered_commands:
        if name == (info.name or get_command_name(getattr(info.callback, "__name__", ""))):
            return get_command_from_info(info, pretty_exceptions_short=False, rich_markup_mode=None)
    return get_group_from_info(
        TyperInfo(app), pretty_exceptions_short=False, rich_markup_mode=None, suggest_commands=False
    )
