"""Write a config to begin with: each key with its meaning, its values and its default."""

import textwrap
import typing
from typing import Any

from pydantic.fields import FieldInfo

from nnlab.config.fields import bounds, default_of, metavar, plain_type
from nnlab.config.resolve import DEFAULTS, Resolved, to_yaml

WIDTH = 80
HOW_TO = "A key after a # has its default. To change it, remove the # in front of it."


def start(experiment: str, resolved: Resolved[Any], *about: str) -> str:
    """Return a commented config of an experiment as YAML, with its keys grouped as in the help.

    A key that has its default is a comment. If the default were set, it would stay as it is where
    another key changes it.

    Args:
        experiment: its name.
        resolved: the values.
        about: lines that say what the values are.
    """
    values = resolved.config.model_dump(mode="json")
    groups: dict[str, list[str]] = {}
    for key, field in type(resolved.config).model_fields.items():
        off = "#" if resolved.sources[key] in DEFAULTS else ""
        entry = ["", *_said(field), f"{off}{to_yaml(key, values[key])}"]
        groups.setdefault(resolved.config.group(key), []).extend(entry)
    title = f"A config of nnlab {experiment}. To run it: nnlab {experiment} --config FILE"
    lines = [line for text in (title, *about, HOW_TO) for line in _comment(text)]
    for name, entries in groups.items():
        lines += ["", f"# {f' {name} ':-^{WIDTH - 2}}", *entries]
    return "\n".join([*lines, ""])


def _said(field: FieldInfo) -> list[str]:
    """Return what a key means, which values it takes, and its default, as lines of comment."""
    values = metavar(field) or "true|false"
    if typing.get_origin(plain_type(field)) is tuple:
        values = f"[{values}]"
    facts = "; ".join([values, *bounds(field), f"default: {default_of(field)}"])
    return _comment(field.description or "") + _comment(facts)


def _comment(text: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False
    )
