"""Typer commands with help in 80 columns, and suggestions for unknown flags and commands.

Help is plain text, with options in groups and examples at the end, because Typer's tables break
words in narrow columns.
"""

import re
from collections.abc import Iterator
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from nnlab.config.suggest import near_commands, near_key
from nnlab.errors import UsageError
from nnlab.text import NO_BREAK


class Command(TyperCommand):
    """A command of nnlab."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - Typer's own
        """Parse; raise UsageError for an unknown flag, with a suggestion."""
        return _parse(super(), self, ctx, args)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:  # noqa: ANN401
        """Return the words of the usage line: RUN and RUN..., where Typer has {RUN}, {RUN...}..."""
        words = [re.sub("[{}]", "", word) for word in super().collect_usage_pieces(ctx)]
        return [re.sub(r"(\.\.\.\]?)\.\.\.$", r"\1", word) for word in words]

    def format_options(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        """Write the options in their groups."""
        _write_options(self, ctx, formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401, ARG002
        """Write the examples."""
        _write_examples(self, formatter)


class Group(TyperGroup):
    """A command with subcommands: `nnlab` and `nnlab data`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401
        """Parse; print the help if there are no arguments. Raise UsageError for an unknown flag."""
        if not args and not ctx.resilient_parsing:  # True while the shell completes a word
            typer.echo(ctx.get_help())
            raise typer.Exit(2)
        return _parse(super(), self, ctx, args)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002
        """Return the names; Typer's own method would load each command (`nnlab.cli.lazy`)."""
        return list(self.commands)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401
        """Find the command; `help COMMAND` is `COMMAND --help`.

        Raises:
            UsageError: there is no such command; the message suggests one.
        """
        if ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        if args[0] == "help":
            words = [word for word in args[1:] if not word.startswith("-")]
            if not words:
                typer.echo(ctx.get_help())
                raise typer.Exit
            args = [*words, "--help"]
        if self.get_command(ctx, args[0]) is None:
            group = _typed(ctx)
            meant = near_commands(args[0], self.commands, group)
            hint = f"did you mean {' or '.join(meant)}?" if meant else _all(self.commands)
            raise UsageError(f"{group} has no command {args[0]!r}; {hint}")
        return super().resolve_command(ctx, args)

    def format_options(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        """Write the commands, each with its full first sentence, then the options."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, each.help) for name, each in self.commands.items()])
        _write_options(self, ctx, formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401, ARG002
        """Write the examples."""
        _write_examples(self, formatter)


def _parse(parser: Any, command: Any, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401
    try:
        parsed: list[str] = parser.parse_args(ctx, list(args))
    except Exception as error:
        given = getattr(error, "option_name", None)
        flags = dict(_flags(command, hidden=True))
        if given is None or given in {*flags.values(), "-c", "-q", "-h"}:
            fault: Any = error
            if getattr(fault, "ctx", ctx) is None:
                fault.ctx = ctx  # for the hint in its message
            raise  # another error in the command line; Typer's message says what
        if not given.startswith("--"):  # Typer reads -lr as -l -r
            given = next((each for each in args if each.startswith(given)), given)
        raise UsageError(_unknown_flag(given, flags, ctx)) from None
    return parsed


def _unknown_flag(given: str, flags: dict[str, str], ctx: Any) -> str:  # noqa: ANN401
    """Return the message for a flag that the command does not have."""
    here = _typed(ctx)
    others = ctx.find_root().command.commands
    whose = [name for name, other in others.items() if given in {flag for _, flag in _flags(other)}]
    near = near_key(given, flags)
    if whose:
        hint = f"nnlab {whose[0]} has it"
    elif near:
        hint = f"did you mean {flags[near]}?"
    else:
        hint = f"for its flags: {here} --help"
    return f"{here} has no flag {given}; {hint}"


def _flags(command: Any, *, hidden: bool = False) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    """Yield the name and the flag of each option: `batch_size`, `--batch-size`."""
    for option in command.params:
        for each in [*option.opts, *option.secondary_opts]:
            if each.startswith("--") and (hidden or not option.hidden):
                yield each[2:].replace("-", "_"), each


def _typed(ctx: Any) -> str:  # noqa: ANN401
    """Return the command as a user types it: `nnlab data fetch`."""
    return "nnlab" if ctx.parent is None else f"{_typed(ctx.parent)} {ctx.info_name}"


def _all(commands: Any) -> str:  # noqa: ANN401
    return f"its commands: {', '.join(commands)}"


def _write_options(command: Any, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
    groups: dict[str, list[tuple[str, str]]] = {}
    for option in command.get_params(ctx):
        if record := option.get_help_record(ctx):
            if option.param_type_name == "argument":  # Typer adds its type: RUN <path>
                record = (option.metavar, option.help)
            groups.setdefault(option.rich_help_panel or "Options", []).append(record)
    for title, records in groups.items():
        with formatter.section(title):
            formatter.write_dl(records)
    formatter.buffer = [text.replace(NO_BREAK, " ") for text in formatter.buffer]


def _write_examples(command: Any, formatter: Any) -> None:  # noqa: ANN401
    if command.epilog:
        with formatter.section("Examples"):
            formatter.write("".join(f"  {line}\n" for line in command.epilog.splitlines()))
