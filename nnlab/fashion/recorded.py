"""What run.json says about the data of a run: enough to build its network, and to resume it."""

from itertools import zip_longest
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nnlab.config.faults import first_fault
from nnlab.errors import DataError, UsageError
from nnlab.fashion.blocks import IMAGE_SIDE, LEAST_SIDE, MOST_SIDE
from nnlab.fashion.data import CLASSES, Dataset
from nnlab.runs.saved import SavedRun
from nnlab.text import listed, printable

MOST_CLASSES = 256


class Recorded(BaseModel):
    """The part `data` of run.json.

    Attributes:
        name: name of the data set.
        source: the folder that it was read from.
        sha256: file -> SHA-256 of its decompressed bytes.
        side: side of the images, in pixels; older runs do not say it.
        classes: the name of each class, in the order of the network's outputs.
    """

    model_config = ConfigDict(frozen=True, strict=True)

    name: str = ""
    source: str = ""
    sha256: dict[str, str] = {}
    side: Annotated[int, Field(ge=LEAST_SIDE, le=MOST_SIDE)] = IMAGE_SIDE
    classes: Annotated[list[str], Field(min_length=2, max_length=MOST_CLASSES)] = list(CLASSES)


def recorded(saved: SavedRun) -> Recorded:
    """Return what run.json says about the data of a run; the defaults if it never began.

    Raises:
        DataError: that part of run.json is damaged.
        UsageError: run.json is missing or damaged.
    """
    content: Any = saved.record.get("data") or {}
    try:
        return Recorded.model_validate(content)
    except ValidationError as error:
        where = f"{saved.path / 'run.json'}: data"
        raise DataError(f"{where} is damaged: {first_fault(error)}") from None


def refuse_other_data(saved: SavedRun, dataset: Dataset) -> None:
    """Refuse to resume a run with other data than it began with; a new run has none yet.

    Args:
        saved: the run.
        dataset: the data to go on with.

    Raises:
        UsageError: a file has other bytes, or the classes have other names.
        DataError: as in `recorded`.
    """
    before = recorded(saved)
    now = dataset.digests
    if other := [file for file, sha in now.items() if before.sha256.get(file, sha) != sha]:
        raise UsageError(
            f"{printable(saved.path)} began with other data: {listed(other)} had another SHA-256, "
            f"in {printable(before.source)}; if those files are elsewhere now: --data-dir"
        )
    if "classes" in before.model_fields_set and before.classes != list(dataset.classes):
        pairs = zip_longest(before.classes, dataset.classes, fillvalue="(none)")
        had, has = next(pair for pair in pairs if pair[0] != pair[1])
        raise UsageError(
            f"{printable(saved.path)} began with other class names: {printable(had)!r} is now "
            f"{printable(has)!r} in {printable(dataset.source)}; write the names into labels.txt "
            "there that run.json has (data: classes), or start a new run"
        )
