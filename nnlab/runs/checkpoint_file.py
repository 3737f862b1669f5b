"""Checkpoints: all of a run's state in one file, which is whole, its own witness, and harmless.

The format is safetensors: a JSON header with names, types, shapes and text metadata, then the bare
arrays. Reading executes and expands nothing, and a shape that disagrees with the file's length is
refused. The metadata hold what is no array (position, config, rows of metrics.csv) and the SHA-256
of the whole file, taken while its own 64 digits were zeros.

Source: the safetensors format, https://huggingface.co/docs/safetensors
"""

import hashlib
import json
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
MOST_SAID = 1000  # letters of what is wrong with one, which goes to run.json as well
ROOM = 8 << 20  # bytes beyond the arrays: header and metadata

Count = Annotated[int, Field(ge=0, le=10**18)]  # of steps, samples, rows


class Facts(StrictModel):
    """Base of what an experiment keeps beside its arrays: its position, the best so far."""

    def fault(self, config: Any, rows: int) -> str:  # noqa: ANN401, ARG002 - the experiment's own
        """Return what cannot be in a run that has logged `rows` rows, "" for nothing."""
        return ""

    def logged(self, config: Any) -> set[str]:  # noqa: ANN401 - as above
        """Return the columns of metrics.csv that the experiment logs."""
        raise NotImplementedError


AnyFacts = TypeVar("AnyFacts", bound=Facts)


class About(Facts, Generic[AnyFacts]):
    """What is no array.

    Attributes:
        sha256: of the file, in which these digits are zeros.
        config: of the run, every key.
        rows: rows of metrics.csv that had been logged.
        columns: of metrics.csv.
        seconds: spent in training.
        facts: the experiment's own.
    """

    sha256: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")] = ZEROS  # first, see `pack`
    config: dict[str, Any]
    rows: Count
    columns: list[str]
    seconds: NonNegativeFloat
    facts: AnyFacts


@dataclass(frozen=True)
class Checkpoint(Generic[AnyFacts]):
    """All of a run's state: arrays by name, and what is no array."""

    arrays: Arrays
    about: About[AnyFacts]


def pack(checkpoint: Checkpoint[Any]) -> list[bytes | memoryview]:
    """Return the bytes of a checkpoint's file, in parts."""
    arrays = {name: np.asarray(array, order="C") for name, array in checkpoint.arrays.items()}
    raw: bytes = save(arrays, {"nnlab": checkpoint.about.model_dump_json()})
    digest = hashlib.sha256(raw).hexdigest().encode()
    at = raw.index(ZEROS.encode())
    return [memoryview(raw)[:at], digest, memoryview(raw)[at + len(digest) :]]


def read(path: Path, like: Arrays, facts: type[AnyFacts], config: Config) -> Checkpoint[AnyFacts]:
    """Read the checkpoint at `path`, and believe nothing that it says of itself.

    Args:
        path: the file.
        like: arrays of the names, shapes and types that it must have.
        facts: the model of the experiment's own facts.
        config: the config to go on with.

    Raises:
        DataError: it is damaged, or not such a checkpoint.
        UsageError: it is of another config.
    """
    try:
        return _read(path, like, facts, config)
    except OSError as fault:
        raise DataError(f"{path}: {fault.strerror}") from fault
    except ValidationError as fault:
        raise DataError(f"{path} is damaged: {first_fault(fault)}") from fault
    except LookupError as fault:
        raise DataError(f"{path} is damaged: its metadata are not a checkpoint's") from fault
    except (SafetensorError, ValueError, TypeError, AttributeError) as fault:
        raise DataError(f"{path} is damaged: {clipped(str(fault), MOST_SAID)}") from fault


def _read(path: Path, like: Arrays, facts: type[AnyFacts], config: Config) -> Checkpoint[AnyFacts]:
    most = sum(array.nbytes for array in like.values()) + ROOM
    raw = inputs.read(path, most, "a checkpoint of this run")
    if not raw:
        raise ValueError("it is empty")
    arrays: Arrays = load(raw)
    header = json.loads(raw[8 : 8 + int.from_bytes(raw[:8], "little")])
    about = About[facts].model_validate_json(header["__metadata__"]["nnlab"])  # type: ignore[valid-type]
    checked: AnyFacts = about.facts
    blank = raw.replace(about.sha256.encode(), ZEROS.encode(), 1)
    if hashlib.sha256(blank).hexdigest() != about.sha256:
        raise ValueError("its SHA-256 is not that of its bytes")
    refuse_changes(about.config, config, f"{path} is not of the config that config.yaml has")
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
            expected = f"{wanted.dtype} {wanted.shape}"
            raise ValueError(f"{name} is {found.dtype} {found.shape}, not {expected}")
    return Checkpoint(arrays, about)
