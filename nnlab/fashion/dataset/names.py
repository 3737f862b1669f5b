"""The names of the classes of a data set: from labels.txt, from EMNIST's mapping, or numbers."""

import os
from collections.abc import Sequence
from pathlib import Path

from nnlab import inputs
from nnlab.errors import DataError
from nnlab.text import clipped, printable

NAMES = "labels.txt"
MOST_BYTES = 1 << 16
MOST_LETTERS = 60  # of a name


def class_names(folder: Path, labels: Sequence[int]) -> tuple[str, ...]:
    """Return the name of each of `labels`, which are ascending.

    labels.txt has one name a line: of each label that occurs, or of each label from 0. Without it
    EMNIST's mapping is used (each line: a label, then the codes of its letters), and without that
    the names are the labels.

    Raises:
        DataError: labels.txt or the mapping cannot be read, or names other labels.
    """
    if os.path.lexists(path := folder / NAMES):
        return _from_lines(path, labels)
    mappings = sorted(folder.glob("*mapping.txt"))
    if len(mappings) == 1:
        return _from_mapping(mappings[0], labels)
    return tuple(map(str, labels))


def _from_lines(path: Path, labels: Sequence[int]) -> tuple[str, ...]:
    """Return the names in labels.txt; see `class_names`."""
    lines = _read(path)
    if len(lines) == len(labels):
        names = lines
    elif len(lines) > labels[-1]:
        names = [lines[label] for label in labels]
    else:
        first, last = labels[0], labels[-1]
        raise DataError(
            f"{printable(path)} has {len(lines):,} names, but the data have {len(labels)} "
            f"different labels from {first} to {last}: write {len(labels)} names, one a line"
            + f", or {last + 1}, from label 0 on"
            * (last >= len(labels))
        )
    for number, name in enumerate(lines, 1):
        if fault := _fault(name):
            raise DataError(f"{printable(path)}, line {number}: {fault}")
    if twice := [name for name in names if names.count(name) > 1]:
        raise DataError(f"{printable(path)} names two classes {printable(twice[0])!r}")
    return tuple(names)


def _fault(name: str) -> str:
    """Return what is wrong with a name; "" if nothing is."""
    if not name:
        return "it is empty; each line is the name of one class"
    if not name.isprintable():
        return f"{clipped(printable(name), MOST_LETTERS)} has control characters"
    if len(name) > MOST_LETTERS:
        return f"a name has at most {MOST_LETTERS} letters, this one {len(name):,}"
    return ""


def _from_mapping(path: Path, labels: Sequence[int]) -> tuple[str, ...]:
    """Return the letters in EMNIST's mapping: `1 65 97` is label 1, named "A/a"."""
    named = {}
    try:
        for line in _read(path):
            label, *codes = map(int, line.split())
            named[label] = "/".join(map(chr, codes))
        names = tuple(named[label] for label in labels)
    except (ValueError, OverflowError):
        raise DataError(
            f"{printable(path)}: each line should be a label and the codes of its letters, as in "
            f"EMNIST; delete the file, or write {NAMES} instead"
        ) from None
    except KeyError as missing:
        raise DataError(
            f"{printable(path)} does not name the label {missing}; write {NAMES} instead"
        ) from None
    if any(map(_fault, names)) or len(set(names)) < len(names):
        raise DataError(f"{printable(path)}: two names are equal, or one is empty; write {NAMES}")
    return names


def _read(path: Path) -> list[str]:
    """Return the lines of a text file, without spaces around them and empty ones at the end."""
    try:
        text = inputs.read(path, MOST_BYTES, "a list of names").decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError(f"{printable(path)} is not UTF-8 text") from None
    except (OSError, ValueError) as fault:
        raise DataError(f"{printable(path)}: {getattr(fault, 'strerror', None) or fault}") from None
    return [line.strip() for line in text.rstrip().splitlines()]
