"""How often `nnlab predict` sees in a photo what it sees in the test image that the photo shows.

    python benchmarks/predict_photos.py RUN      a run of nnlab fashion

The 500 test images of the sample are made large and put on walls of several kinds; each photo goes
through a JPEG file, as a user's. Printed: the share of photos whose most likely class is the one
of the test image itself.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parent.parent
WALLS: dict[str, dict[str, Any]] = {
    "white": {},
    "white, much noise": {"noise": 20},
    "light gray": {"background": 180},
    "light, with shade": {"background": 215, "shade": 20},
    "white, far away": {"size": (1600, 1200)},
    "white, cut close": {"size": (224, 224)},
}


def main(run: str) -> None:
    """Print the share for each kind of wall."""
    sys.path.insert(0, str(ROOT))  # for `tests`
    from nnlab.fashion import data, image_files
    from nnlab.fashion.predict import guess
    from nnlab.fashion.prepare import prepare
    from nnlab.fashion.restored import restored
    from nnlab.runs.saved import SavedRun
    from tests.fashion.photos import photo

    network, images = restored(SavedRun(run)), data.load("sample").x_test
    right = [best.name for best, *_ in guess(network, images)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "photo.jpg")
        for wall, keys in WALLS.items():
            seen = []
            for image in images:
                photo(image, **keys).save(path, quality=85)
                seen.append(prepare(image_files.read_gray(path), 28).pixels)
            names = [best.name for best, *_ in guess(network, np.stack(seen))]
            same = np.mean([a == b for a, b in zip(names, right, strict=True)])
            print(f"{wall:<20}  {same:.3f}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
