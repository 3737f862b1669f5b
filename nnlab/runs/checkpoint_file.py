"""Checkpoints: all of a run's state in one file, complete, self-checking and safe to load.

The format is safetensors: a JSON header with names, types, shapes and text metadata, then the raw
arrays. Loading runs no code and decompresses nothing, and fails if the shapes do not match the
file's length. The metadata hold everything that is not an array (position, config, the number of
rows of metrics.csv), and the SHA-256 of the file, computed with zeros in place of its 64 digits.

Source: the safetensors format, https://huggingface.co/docs/safetensors
"""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import (
    Field,
    NonNegativeFloat,
    StringConstraints,
    ValidationError,
)
from safetensors import SafetensorError
from safetensors.numpy import load, save

from nnlab import inputs
from nnlab.config.base import Config
from nnlab.config.changes import refuse_changes
from nnlab.config.faults import first_fault
from nnlab.config.strict import StrictModel
from nnlab.errors import DataError
from nnlab.text import clipped, listed

Arrays = Mapping[str, NDArray[Any]]

ZEROS = "0" * 64
MOST_SAID = 1000  # characters of an error message; it also goes into run.json
ROOM = 8 << 20  # bytes for header and metadata

Count = Annotated[int, Field(ge=0, le=10**18)]  # number of steps, samples or rows


class Facts(StrictModel, ABC):
    """Base of what an experiment saves besides its arrays: its position, the best result so far."""

    def fault(self, config: Any, rows: int) -> str:  # noqa: ANN401, ARG002 - the experiment's own
        """Return what is impossible in a run with `rows` rows in metrics.csv; "" if nothing is."""
        return ""

    @abstractmethod
    def logged(self, config: Any) -> set[str]:  # noqa: ANN401 - as above
        """Return the names of the columns of metrics.csv."""


AnyFacts = TypeVar("AnyFacts", bound=Facts)


class About(StrictModel, Generic[AnyFacts]):
    """Everything in a checkpoint that is not an array.

    Attributes:
        sha256: SHA-256 of the file with zeros in place of these digits.
        config: the run's config, with every key.
        rows: the number of rows in metrics.csv.
        columns: the columns of metrics.csv.
        seconds: time spent in training.
        facts: the experiment's own facts.
    """

    sha256: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")] = ZEROS  # first, see `pack`
    config: dict[str, Any]
    rows: Count
    columns: list[str]
    seconds: NonNegativeFloat
    facts: AnyFacts


@dataclass(frozen=True)
class Checkpoint(Generic[AnyFacts]):
    """All of a run's state: arrays by name, and everything else."""

    arrays: Arrays
    about: About[AnyFacts]


@dataclass(frozen=True)
class Expected(Generic[AnyFacts]):
    """What a checkpoint of a run must match.

    Attributes:
        arrays: arrays with the names, shapes and types that the checkpoint must have.
        facts: the model of the experiment's own facts.
        config: the config to continue with.
    """

    arrays: Arrays
    facts: type[AnyFacts]
    config: Config


def pack(checkpoint: Checkpoint[Any]) -> list[bytes | memoryview]:
    """Return the bytes of a checkpoint file, in parts."""
    arrays = {name: np.asarray(array, order="C") for name, array in checkpoint.arrays.items()}
    raw: bytes = save(arrays, {"nnlab": checkpoint.about.model_dump_json()})
    digest = hashlib.sha256(raw).hexdigest().encode()
    at = raw.index(ZEROS.encode())
    return [memoryview(raw)[:at], digest, memoryview(raw)[at + len(digest) :]]


def read(path: Path, expected: Expected[AnyFacts]) -> Checkpoint[AnyFacts]:
    """Read the checkpoint at `path` and check everything in it.

    Args:
        path: the file.
        expected: what the checkpoint must match.

    Raises:
        DataError: the file is damaged, or not such a checkpoint.
        UsageError: the checkpoint belongs to another config.
    """
    try:
        return _read(path, expected)
    except OSError as fault:
        raise DataError(f"{path}: {fault.strerror}") from fault
    except ValidationError as fault:
        raise DataError(f"{path} is damaged: {first_fault(fault)}") from fault
    except LookupError as fault:
        raise DataError(f"{path} is damaged: it lacks the metadata of a checkpoint") from fault
    except (SafetensorError, ValueError, TypeError, AttributeError) as fault:
        raise DataError(f"{path} is damaged: {clipped(str(fault), MOST_SAID)}") from fault


def _read(path: Path, expected: Expected[AnyFacts]) -> Checkpoint[AnyFacts]:
    like, config = expected.arrays, expected.config
    most = sum(array.nbytes for array in like.values()) + ROOM
    raw = inputs.read(path, most, "a checkpoint of this run")
    if not raw:
        raise ValueError("it is empty")
    arrays: Arrays = load(raw)
    header = json.loads(raw[8 : 8 + int.from_bytes(raw[:8], "little")])
    model: Any = About[expected.facts]  # type: ignore[name-defined]
    about: About[AnyFacts] = model.model_validate_json(header["__metadata__"]["nnlab"])
    checked = about.facts
    blank = raw.replace(about.sha256.encode(), ZEROS.encode(), 1)
    if hashlib.sha256(blank).hexdigest() != about.sha256:
        raise ValueError("its SHA-256 does not match its bytes")
    refuse_changes(about.config, config, f"{path} and config.yaml have different configs")
    if fault := checked.fault(config, about.rows):
        raise ValueError(fault)
    if about.rows and {*about.columns} != checked.logged(config):
        should = listed(sorted(checked.logged(config)))
        raise ValueError(f"columns is {listed(about.columns)}; it should be {should}")
    if arrays.keys() != like.keys():
        raise ValueError(f"it holds {listed(sorted(arrays))}, not {listed(sorted(like))}")
    for name, wanted in like.items():
        found = arrays[name]
        if (found.shape, found.dtype) != (wanted.shape, wanted.dtype):
            right = f"{wanted.dtype} {wanted.shape}"
            raise ValueError(f"{name} is {found.dtype} {found.shape}, not {right}")
    return Checkpoint(arrays, about)
