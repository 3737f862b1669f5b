"""Write docs/images/predict-photo.jpg, a photo of a boot, and predict-seen.png, what became of it.

    python tools/predict_picture.py

The photo is an image of the test set, made large and dark on a light wall, with shade and noise.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs/images"
BOOT = 0  # its index in the test set


def main() -> None:
    """Make the photo, train, and ask the network."""
    sys.path.insert(0, str(ROOT))  # for `tests`
    from nnlab.fashion import data
    from tests.fashion.photos import photo

    picture = IMAGES / "predict-photo.jpg"
    photo(data.load("full").x_test[BOOT], background=215, shade=20).save(picture, quality=80)
    with tempfile.TemporaryDirectory() as folder:
        run = f"{folder}/run"
        nnlab("fashion", "--preset", "fast", "--quiet", "--run-dir", run)
        nnlab("predict", run, picture.name, "--plot", "predict-seen.png")


def nnlab(*words: str) -> None:
    """Run nnlab in the folder of the pictures."""
    command = [sys.executable, "-m", "nnlab", *words]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run(command, cwd=IMAGES, env=environment, check=True)


if __name__ == "__main__":
    main()
