"""Write docs/lessons/images: the pictures that the commands of the lessons write.

python tools/lessons.py
"""

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parent.parent
LESSONS = ROOT / "docs/lessons"
WIDTH = 800  # pixels, at most
COLOURS = 128  # of a file


def main() -> None:
    """Run each lesson in a folder of its own, and take its pictures."""
    sys.path.insert(0, str(ROOT))  # for `tests`
    from tests.sessions import PICTURE, session

    for page in sorted(LESSONS.glob("[1-9]-*.md")):
        text = page.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            for shown in session(text):
                nnlab(shown.command, Path(folder), shown.code)
            for source, name in PICTURE.findall(text):
                write_small(Path(folder, source), LESSONS / "images" / name)


def nnlab(line: str, folder: Path, code: int) -> None:
    """Run a command of a lesson; it must end with this exit code."""
    command = [sys.executable, "-m", *shlex.split(line)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=environment, check=False)
    if done.returncode != code:
        sys.exit(f"{line}: exit code {done.returncode}")


def write_small(picture: Path, to: Path) -> None:
    """Write a picture with fewer pixels and colours."""
    with Image.open(picture) as drawn:
        drawn.thumbnail((WIDTH, WIDTH * 2))
        small = drawn.convert("RGB").quantize(
            COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
        )
    small.save(to, optimize=True)


if __name__ == "__main__":
    main()
