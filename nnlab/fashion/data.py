"""Load Fashion-MNIST, or the sample that comes with nnlab, as arrays; shuffle it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nnlab import seeds
from nnlab.errors import UsageError
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.dataset.fetch import obtain
from nnlab.fashion.dataset.locate import Found, read_folder, to_stderr

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
    data: Literal["full", "sample"],
    data_dir: Path | None = None,
    say: Callable[[str], None] = to_stderr,
    *,
    quiet: bool = False,
) -> Dataset:
    """Load nnlab's sample, or Fashion-MNIST, which is downloaded if this machine has no copy.

    Source: Xiao, Rasul, Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine
    Learning Algorithms", arXiv:1708.07747; https://github.com/zalandoresearch/fashion-mnist

    Args:
        data: "full": 60,000 + 10,000 images; "sample": the first 200 and 50 of each class.
        data_dir: The folder of the full data; None: see `nnlab.fashion.dataset.locate.locate`.
        say: Called with one line about each damaged file that is skipped, and each download.
        quiet: Whether to hide the progress bar of a download.

    Raises:
        DataError: the data are damaged, or were not found and cannot be downloaded.
        UsageError: `data_dir` is given for the sample, which is part of nnlab.
    """
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


def order(config: FashionConfig, images: int, epoch: int) -> NDArray[Any]:
    """Return the order in which `epoch` (from 0) visits the images: indices, (images,)."""
    if not config.shuffle:
        return np.arange(images)
    return seeds.generator(config.seed, seeds.Purpose.ORDER, epoch).permutation(images)
