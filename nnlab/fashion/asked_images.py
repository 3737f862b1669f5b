"""Which images `nnlab predict` is asked about, and what they look like to the network."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from nnlab.config.resolve import resolve
from nnlab.errors import DataError, UsageError
from nnlab.fashion import data, image_files
from nnlab.fashion.answered import Seen, Unread
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.prepare import prepare
from nnlab.fashion.recorded import recorded
from nnlab.reports.answers import Asked
from nnlab.runs.saved import SavedRun
from nnlab.text import printable


def wanted(saved: SavedRun, asked: Asked) -> tuple[list[Path], slice | None]:
    """Return the image files that are asked for, or the part of the test set."""
    if asked.index is not None:
        if asked.inputs or asked.invert is not None:
            raise UsageError(
                "--index takes images of the test set as they are: no files, no --invert"
            )
        return [], _slice(asked.index)
    if not asked.inputs:
        raise UsageError("give image files, folders of them, or --index for images of the test set")
    try:
        return image_files.find(asked.inputs), None
    except UsageError as fault:
        fault.add_note(f"{printable(saved.path)} is a run of fashion, which takes image files")
        raise


def _slice(text: str) -> slice:
    """Return which images `7`, `0:10` or `0:100:10` means, as in Python."""
    try:
        numbers = [int(part) if part.strip() else None for part in text.split(":")]
        if len(numbers) > 1:
            return slice(*numbers)
        (first,) = numbers
        return slice(first, int(first) + 1 or None)  # type: ignore[arg-type]
    except (ValueError, TypeError):
        raise UsageError(
            f"--index {printable(text.strip())}: give a whole number, or START:STOP or "
            "START:STOP:STEP, such as 0:10"
        ) from None


def of_file(path: Path, side: int, invert: bool | None) -> Seen | Unread:
    """Read and prepare one image file."""
    try:
        pixels, inverted = prepare(image_files.read_gray(path), side, invert)
    except DataError as fault:
        return Unread(str(path), str(fault))
    except ValueError as fault:
        return Unread(str(path), f"{printable(path)}: {fault}")
    return Seen(str(path), pixels, {"image": str(path), "inverted": inverted})


def of_test_set(
    saved: SavedRun, which: slice, asked: Asked
) -> tuple[Sequence[int], Iterator[Seen]]:
    """Return indices into the test set, and its images there."""
    config = resolve(FashionConfig, saved.path / "config.yaml", {}).config
    before = recorded(saved)
    dataset = data.load(config.data, config.data_dir, say=asked.note, transpose=config.transpose)
    if before.sha256 not in ({}, dataset.digests):
        raise DataError(f"{dataset.source} has other data than the run {saved.path} was trained on")
    count = len(dataset.y_test)
    try:
        indices = range(count)[which]
    except ValueError:
        raise UsageError(f"--index {asked.index}: the step cannot be 0") from None
    if not indices:
        if ":" in str(asked.index) and 0 <= which.indices(count)[0] < count:
            raise UsageError(f"--index {asked.index} is an empty range: no image is in it")
        raise UsageError(
            f"--index {asked.index}: none of the {count:,} images of the test set, which are 0 to "
            f"{count - 1:,}"
        )

    def images() -> Iterator[Seen]:
        for index in indices:
            label = before.classes[dataset.y_test[index]]
            yield Seen(str(index), dataset.x_test[index], {"index": index, "true": label}, label)

    return indices, images()
