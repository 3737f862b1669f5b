"""The formats of `nnlab export`."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

FormatName = Literal["keras", "savedmodel", "onnx", "npz", "csv"]


class Format(NamedTuple):
    """How a format is stored.

    Attributes:
        suffix: end of the name of an export.
        is_folder: whether an export is a folder instead of a file.
    """

    suffix: str
    is_folder: bool = False


FORMATS: Mapping[FormatName, Format] = {
    "keras": Format(".keras"),
    "savedmodel": Format("-savedmodel", is_folder=True),
    "onnx": Format(".onnx"),
    "npz": Format(".npz"),
    "csv": Format(".csv"),
}


class Exported(NamedTuple):
    """What was exported.

    Attributes:
        note: for an unfinished run, which weights were exported; else "".
        content: what is in it, such as the shape of the input, by name.
    """

    note: str
    content: dict[str, Any]
