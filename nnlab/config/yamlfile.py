"""Read a YAML file as a mapping, with the line of every key."""

import re
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from nnlab import inputs
from nnlab.errors import UsageError

MAX_BYTES = 100_000  # a config is about a page; a longer file is probably not a config


class Entry(NamedTuple):
    """A value of a key.

    Attributes:
        value: the value.
        where: where it was given: `file:line` or a flag.
        comment: what stands behind it in the file; a run's config.yaml names its source there.
    """

    value: object
    where: str
    comment: str = ""


class Entries(dict[str, Entry]):
    """The values of a file by key.

    Attributes:
        experiment: the one that the file's first line names, in a comment; a preset and what
            `nnlab new-config` wrote begin so. "" for none.
    """

    experiment = ""


COMMENT = re.compile(r"[ \t]*#([^\n]*)")
TITLE = re.compile(r"# (?:A config of )?nnlab (?P<experiment>[\w-]+)")

_TYPES = ("null", "bool", "int", "float", "str", "seq", "map")
_NOT_YAML = (yaml.YAMLError, ValueError, LookupError, AttributeError, RecursionError)


class _Loader(yaml.SafeLoader):
    """Reads scalars as in YAML 1.2: `1e-3` is a number; `010`, dates and `yes` are text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own name and shape
    yaml_constructors = {  # noqa: RUF012
        tag: construct
        for tag, construct in yaml.SafeLoader.yaml_constructors.items()
        if tag is None or tag.rpartition(":")[2] in _TYPES
    }

    def compose_node(self, parent: Any, index: Any) -> Any:  # noqa: ANN401 - PyYAML's
        """Refuse aliases: a few lines of nested aliases can expand until memory is full."""
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "aliases (*name) are not supported", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:  # noqa: ANN401
        """Refuse a key that is given twice."""
        seen = set()  # a set, because a hostile file may have thousands of keys
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key.value} is given twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(0|[1-9][0-9_]*)", list("-+0123456789")),
    (
        "float",
        r"[-+]?([0-9][0-9_]*\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan",
        list("-+.0123456789"),
    ),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first
    )


def parse_value(text: str) -> object:
    """Return `text` read as a YAML value, so that a flag reads like the same text in a file.

    Raises:
        UsageError: `text` is not YAML.
    """
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except _NOT_YAML as error:
        why = getattr(error, "problem", None)  # a MarkedYAMLError's
        reason = f": {why}" if why else ""
        raise UsageError(f"{text!r} is not a value that YAML can read{reason}") from None


def read_mapping(path: Path, *, pipes: bool = False, nested: str = "") -> Entries:
    """Return the top-level keys of the YAML file at `path`; an empty file has none.

    Args:
        path: the file.
        pipes: whether the file may be a pipe, or `-` for standard input.
        nested: a key whose value, if it is a mapping, is returned as Entries.

    Raises:
        UsageError: the file is missing, unreadable, too long, not UTF-8, not YAML, not a mapping,
            or has a key twice.
    """
    try:
        raw = (inputs.read_stream if pipes else inputs.read)(path, MAX_BYTES, "a config")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{path}: cannot read this config: {reason}") from None
    if path == inputs.STDIN:
        path = Path("standard input")
    try:
        loader = _Loader(raw.decode("utf-8-sig"))
        title = TITLE.match(loader.buffer)
        entries = _entries(loader, loader.get_single_node(), path, nested)
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: byte {error.start} is not UTF-8; save it as UTF-8") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{path}:{mark.line + 1}" if mark else f"{path}"
        raise UsageError(f"{where}: not valid YAML: {error.problem}") from None
    except _NOT_YAML as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise UsageError(f"{path}: not valid YAML: {reason}") from None
    if title:
        entries.experiment = title["experiment"]
    return entries


def _entries(loader: _Loader, node: yaml.Node | None, path: Path, nested: str = "") -> Entries:
    """Return the keys of the mapping `node`; a mapping that `nested` holds is Entries, too."""
    entries = Entries()
    if node is None:
        return entries
    if not isinstance(node, yaml.MappingNode) or node.tag != "tag:yaml.org,2002:map":
        raise UsageError(
            f"{path}:{node.start_mark.line + 1}: "
            "a config must be a mapping: one 'key: value' per line"
        )
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise UsageError(f"{path}:{line}: a key must be a plain name, not a list or a mapping")
        key = key_node.value
        if key in entries:
            first = entries[key].where.rpartition(":")[2]
            raise UsageError(f"{path}:{line}: {key} is given twice (first on line {first})")
        value: Any
        if key == nested and isinstance(value_node, yaml.MappingNode):
            value = _entries(loader, value_node, path)
        else:
            value = loader.construct_object(value_node, deep=True)
        entries[key] = Entry(value, f"{path}:{line}", _comment(value_node.end_mark))
    return entries


def _comment(mark: yaml.Mark) -> str:
    """Return the comment on the line of `mark`, the end of a value."""
    found = COMMENT.match(mark.buffer or "", mark.pointer)
    return found[1].strip() if found else ""
