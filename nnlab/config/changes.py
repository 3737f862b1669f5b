"""Compare the config of a run with that of its resume; refuse changes that are not allowed."""

import json
from collections.abc import Mapping
from pathlib import Path

from nnlab.config.base import AnyConfig, Config
from nnlab.config.resolve import Resolved, resolve
from nnlab.config.yamlfile import read_mapping
from nnlab.errors import UsageError
from nnlab.text import columns


def changes(old: Mapping[str, object], new: Config) -> dict[str, tuple[object, object]]:
    """Return the keys of `new` whose values differ from those in `old`: key -> (old, new).

    `old` may come from an older nnlab and lack a key; then the key's default counts.

    Raises:
        ValidationError: `old` is not a valid config of the type of `new`.
    """
    was = type(new).model_validate_json(json.dumps(dict(old))).model_dump(mode="json")
    values = new.model_dump(mode="json")
    return {key: (was[key], value) for key, value in values.items() if was[key] != value}


def refuse_changes(old: Mapping[str, object], new: Config, title: str) -> None:
    """Refuse to continue a run whose config differs in a key that cannot change.

    Args:
        old: the config of the steps already taken, as JSON.
        new: the config to continue with.
        title: the first line of the error message.

    Raises:
        UsageError: such keys differ; the message names them all, with both values.
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
    """Return the config of a resume: config.yaml in the folder `path`, then the flags `given`.

    Raises:
        UsageError: as in `resolve`; or a flag changes a key that cannot change.
    """
    old = resolve(model, path / "config.yaml", {}).config.model_dump(mode="json")
    new = resolve(model, path / "config.yaml", given)
    refuse_changes(
        old,
        new.config,
        f"{path}: a resume cannot change these keys; start a new run to try other values",
    )
    changed = changes(old, new.config)
    before = {key: entry.comment for key, entry in read_mapping(path / "config.yaml").items()}
    sources = {
        key: f"{source}, on resume" if key in changed else before.get(key) or "as before"
        for key, source in new.sources.items()
    }
    return Resolved(new.config, sources, changed)
