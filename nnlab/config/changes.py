"""What differs between two configs of a run, and whether a resume may change it."""

import json
from collections.abc import Mapping
from pathlib import Path

from nnlab.config.base import AnyConfig, Config
from nnlab.config.resolve import Resolved, resolve
from nnlab.errors import UsageError
from nnlab.text import columns


def changes(old: Mapping[str, object], new: Config) -> dict[str, tuple[object, object]]:
    """Return the keys of `new` whose values differ from those in `old`: key -> (old, new).

    A key that `old` lacks, because its nnlab did not have it yet, had its default.

    Raises:
        ValidationError: `old` is not such a config.
    """
    was = type(new).model_validate_json(json.dumps(dict(old))).model_dump(mode="json")
    values = new.model_dump(mode="json")
    return {key: (was[key], value) for key, value in values.items() if was[key] != value}


def refuse_changes(old: Mapping[str, object], new: Config, title: str) -> None:
    """Refuse to go on from steps that another config has taken.

    Args:
        old: the config that took the steps, as JSON.
        new: the one to go on with.
        title: the first line of the error.

    Raises:
        UsageError: a key that cannot change differs; all of them are named, with both values.
    """
    fixed = {k: both for k, both in changes(old, new).items() if k not in new.changeable()}
    if fixed:
        rows = [("key", "the run has", "asked for")]
        rows += [(key, json.dumps(was), json.dumps(now)) for key, (was, now) in fixed.items()]
        why = [f"{key}: {reason}" for key, reason in new.fixed().items() if key in fixed]
        raise UsageError("\n".join([title, *(f"  {line}" for line in columns(rows) + why)]))


def resolve_again(
    model: type[AnyConfig], path: Path, given: Mapping[str, object]
) -> Resolved[AnyConfig]:
    """Return the config of a resume: that of the run directory `path`, with the flags `given`.

    Raises:
        UsageError: as `resolve`; or a flag would change what cannot change.
    """
    old = resolve(model, path / "config.yaml", {}).config.model_dump(mode="json")
    new = resolve(model, path / "config.yaml", given)
    refuse_changes(
        old, new.config, f"{path}: a resume cannot change this; to try it, start a new run"
    )
    changed = changes(old, new.config)
    sources = {
        key: f"{source}, on resume" if key in changed else "as before"
        for key, source in new.sources.items()
    }
    return Resolved(new.config, sources, changed)
