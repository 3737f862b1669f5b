"""Make nnlab/fashion/sample: the first images of each class of Fashion-MNIST.

    python tools/make_sample.py

Takes the first 200 images of each class from the training set and the first 50 from the test set,
in the order of the dataset. The same version of liblzma writes the same bytes. nnlab checks the
digests of the bytes before compression, which are the same everywhere. Prints these digests, for
SAMPLE_FILES in nnlab/fashion/data.py.
"""

import hashlib
import lzma
import struct

import numpy as np

from nnlab.fashion.data import CLASSES, SAMPLE_FOLDER, load
from nnlab.files import write_bytes

PRESET = 9 | lzma.PRESET_EXTREME


def main() -> None:
    """Choose, write, and print the digests."""
    full = load("full")
    sets = {"train": (full.x_train, full.y_train, 200), "t10k": (full.x_test, full.y_test, 50)}
    for part, (images, labels, per_class) in sets.items():
        first = [np.flatnonzero(labels == label)[:per_class] for label in range(len(CLASSES))]
        chosen = np.sort(np.concatenate(first))
        for kind, array in (("images-idx3", images[chosen]), ("labels-idx1", labels[chosen])):
            name = f"{part}-{kind}-ubyte"
            header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
            plain = header + array.tobytes()
            write_bytes(SAMPLE_FOLDER / f"{name}.xz", lzma.compress(plain, preset=PRESET))
            print(f'    "{name}": "{hashlib.sha256(plain).hexdigest()}",')


if __name__ == "__main__":
    main()
