"""Load Fashion-MNIST, the sample that comes with nnlab, or own data, as arrays; order them."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nnlab import orders, seeds
from nnlab.errors import DataError, UsageError
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.dataset.fetch import obtain
from nnlab.fashion.dataset.locate import Found, read_folder, to_stderr
from nnlab.fashion.dataset.names import class_names
from nnlab.fashion.dataset.own import read_own
from nnlab.text import clipped, listed, printable

CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
"""The name of each label, 0 to 9."""

SAMPLE_FOLDER = Path(__file__).parent / "sample"
SAMPLE_FILES: Mapping[str, str] = {
    "train-images-idx3-ubyte": "a724cd72799a6b1c3a81c4263865a75a73bb6473673b3394e34adf222930f19e",
    "train-labels-idx1-ubyte": "4738fd437c0f8d6498ae7f6f5c86f1cc3c878d4116ff169fc5635bd6847899cc",
    "t10k-images-idx3-ubyte": "8fdf02ada67d92f4db5ba3c2f6c5b1cc6186ba6e0efd4914661e4389e103b81e",
    "t10k-labels-idx1-ubyte": "9c71808b3a0ebfc091442c0009a7aa35be2d9622bf6aaf6891ce9a0088e96c07",
}
"""The sample's files, like `locate.FILES`; tools/make_sample.py makes them."""


@dataclass(frozen=True)
class Dataset:
    """The images and labels for training and testing, and where they come from."""

    x_train: NDArray[np.uint8]  # (n, side, side)
    y_train: NDArray[np.uint8]  # (n,)
    x_test: NDArray[np.uint8]  # (m, side, side)
    y_test: NDArray[np.uint8]  # (m,)
    name: str
    source: str  # the folder
    digests: dict[str, str]  # file -> SHA-256 of its decompressed bytes
    classes: tuple[str, ...] = CLASSES  # the name of each label, from 0

    @property
    def side(self) -> int:
        """The side of the images, in pixels."""
        return int(self.x_train.shape[1])


def load(
    data: Literal["full", "sample", "own"],
    data_dir: Path | None = None,
    say: Callable[[str], None] = to_stderr,
    *,
    quiet: bool = False,
    transpose: bool = False,
) -> Dataset:
    """Load the data: Fashion-MNIST is downloaded if this machine has no copy.

    Source: Xiao, Rasul, Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine
    Learning Algorithms", arXiv:1708.07747; https://github.com/zalandoresearch/fashion-mnist

    Args:
        data: "full": 60,000 + 10,000 images; "sample": the first 200 and 50 of each class; "own":
            the four files in `data_dir`.
        data_dir: The folder of the full data; None: see `nnlab.fashion.dataset.locate.locate`.
        say: Called with one line about each damaged file that is skipped, each download, and what
            own data are.
        quiet: Whether to hide the progress bar of a download.
        transpose: Whether own images are stored column by column, as those of EMNIST.

    Raises:
        DataError: the data are damaged, or were not found and cannot be downloaded; or own data are
            not of this kind.
        UsageError: `data_dir` is given for the sample, which is part of nnlab.
    """
    if data == "own":
        if data_dir is None:
            raise UsageError("own data need a folder: --data-dir")
        return _own(data_dir, say, transpose=transpose)
    if data == "full":
        return _dataset("Fashion-MNIST", obtain(data_dir, say=say, quiet=quiet))
    if data_dir is not None:
        raise UsageError(
            "the sample is part of nnlab, it is not read from a folder: leave out --data-dir"
        )
    files = read_folder(SAMPLE_FOLDER, SAMPLE_FILES, advice="Install nnlab again")
    name = "Fashion-MNIST sample (2,000 + 500 images)"
    return _dataset(name, Found(SAMPLE_FOLDER, files))


def _dataset(name: str, found: Found) -> Dataset:
    """Make a Dataset of the four files."""
    files = found.files
    return Dataset(
        x_train=files["train-images-idx3-ubyte"].array,
        y_train=files["train-labels-idx1-ubyte"].array,
        x_test=files["t10k-images-idx3-ubyte"].array,
        y_test=files["t10k-labels-idx1-ubyte"].array,
        name=name,
        source=str(found.folder),
        digests={file: idx.sha256 for file, idx in files.items()},
    )


def _own(folder: Path, say: Callable[[str], None], *, transpose: bool) -> Dataset:
    """Make a Dataset of the files in `folder`; tell the user what they hold.

    The classes are the labels that occur, in ascending order.

    Raises:
        DataError: as in `read_own` and `class_names`, or all labels are the same.
    """
    files = read_own(folder, say=say, transpose=transpose)
    train, test = (files[part].array for part in ("train-labels", "test-labels"))
    labels = np.union1d(train, test)  # (classes,)
    if len(labels) == 1:
        raise DataError(
            f"{printable(folder)}: every image has the label {labels[0]}; with one class there is "
            "nothing to learn"
        )
    dataset = Dataset(
        x_train=files["train-images"].array,
        y_train=np.searchsorted(labels, train).astype(np.uint8),
        x_test=files["test-images"].array,
        y_test=np.searchsorted(labels, test).astype(np.uint8),
        name=own_name(folder),
        source=str(folder),
        digests={part: idx.sha256 for part, idx in files.items()},
        classes=class_names(folder, labels.tolist()),
    )
    say(
        f"{dataset.name}: {len(train):,} + {len(test):,} images of {dataset.side} x {dataset.side} "
        f"pixels, {len(labels)} classes: {listed(dataset.classes)}"
    )
    if labels[-1] >= len(labels):
        say(f"note: the labels are {_ranges(labels.tolist())}; each of them is one class")
    return dataset


def first(dataset: Dataset, samples: int | None) -> Dataset:
    """Return the data with the first `samples` training images only; None: with all of them.

    Raises:
        UsageError: there are fewer.
    """
    count = len(dataset.y_train)
    if samples is not None and samples > count:
        raise UsageError(
            f"samples {samples:,} is more than the {count:,} training images of {dataset.name}; "
            f"take --samples {count}, or leave the key out"
        )
    return replace(dataset, x_train=dataset.x_train[:samples], y_train=dataset.y_train[:samples])


def own_name(folder: Path) -> str:
    """Return what the own data in `folder` are called: `own data (NAME)`."""
    name = Path(os.path.normpath(folder)).name or str(folder)
    return f"own data ({clipped(printable(name), 40)})"


def title_note(config: FashionConfig) -> str:
    """Return what a picture's title adds if the data are not all of Fashion-MNIST; else ""."""
    note = " (sample)" if config.data == "sample" else ""
    if config.data == "own" and config.data_dir:
        note = f", {own_name(config.data_dir)}"
    return note if config.samples is None else f"{note}, first {config.samples:,} images"


def _ranges(numbers: Sequence[int]) -> str:
    """Return ascending numbers in words: `0, 2 to 9`."""
    starts = [n for n in numbers if n - 1 not in numbers]
    ends = [n for n in numbers if n + 1 not in numbers]
    return listed([str(a) if a == b else f"{a} to {b}" for a, b in zip(starts, ends, strict=True)])


def order(
    config: FashionConfig, epoch: int, labels: NDArray[np.uint8], classes: int
) -> NDArray[Any]:
    """Return the order in which `epoch` (from 0) visits the images: indices, (images,).

    Args:
        config: The config of the training.
        epoch: The epoch.
        labels: The labels of the training images, (images,).
        classes: Number of classes.
    """
    if config.order == "by-class":
        return np.argsort(class_places(config, classes)[labels], kind="stable")
    kind = "reshuffle" if config.shuffle else config.order
    return orders.visits(kind, len(labels), config.seed, epoch)


def class_places(config: FashionConfig, classes: int) -> NDArray[Any]:
    """Return the place of each class, from 0, in an epoch with order by-class: (classes,)."""
    return seeds.generator(config.seed, seeds.Purpose.CLASSES).permutation(classes)
