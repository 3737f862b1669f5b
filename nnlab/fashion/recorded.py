"""What run.json says about the data of a run: enough to build its network again."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nnlab.config.faults import first_fault
from nnlab.errors import DataError
from nnlab.fashion.blocks import IMAGE_SIDE, LEAST_SIDE, MOST_SIDE
from nnlab.fashion.data import CLASSES
from nnlab.runs.saved import SavedRun

MOST_CLASSES = 256


class Recorded(BaseModel):
    """The part `data` of run.json.

    Attributes:
        name: name of the data set.
        source: the folder that it was read from.
        sha256: file -> SHA-256 of its decompressed bytes.
        side: side of the images, in pixels; runs of nnlab 0.2 do not say it.
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
