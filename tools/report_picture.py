"""Write docs/images/report.png: the page of a run of `nnlab cubic`, light and dark side by side.

    python tools/report_picture.py

It needs Chromium (Debian's package chromium).
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

TO = Path(__file__).parent.parent / "docs/images/report.png"
WIDTH, HEIGHT = 900, 1500  # of each half, in pixels
SCHEMES = {"light": [], "dark": ["--force-dark-mode"]}
COLOURS = 128  # of the file


def main() -> None:
    """Train, write the page, and take its two pictures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        nnlab = [sys.executable, "-m", "nnlab"]
        environment = os.environ | {"PYTHONPATH": str(TO.parents[2])}
        for words in (["cubic", "--quiet"], ["report", "last"]):
            subprocess.run([*nnlab, *words], cwd=folder, env=environment, check=True)
        both = Image.new("RGB", (2 * WIDTH, HEIGHT))
        for place, scheme in enumerate(SCHEMES):
            both.paste(photograph(folder, scheme), (place * WIDTH, 0))
    both.quantize(COLOURS, dither=Image.Dither.NONE).save(TO, optimize=True)


def photograph(folder: Path, scheme: str) -> Image.Image:
    """Return the top of the page in `folder`, as a browser shows it."""
    picture = folder / f"{scheme}.png"
    subprocess.run(
        [shutil.which("chromium") or "chromium", "--headless", "--no-sandbox", "--disable-gpu",
         "--hide-scrollbars", "--force-prefers-reduced-motion",
         f"--user-data-dir={folder / 'profile'}",
         f"--window-size={WIDTH},{HEIGHT}", *SCHEMES[scheme], f"--screenshot={picture}",
         f"file://{folder / 'report.html'}"],
        check=True, capture_output=True,
    )  # fmt: skip
    return Image.open(picture).convert("RGB")


if __name__ == "__main__":
    main()
