"""Write docs/images/scrub.png: six moments of two runs of `nnlab cubic`, exact and as printed.

python tools/scrub_picture.py
"""

import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parent.parent
TO = ROOT / "docs/images/scrub.png"
RUNS = {"exact": (), "as printed": ("--preset", "as-printed")}
SHOWN = {"The fit", "W2"}  # panels
STILLS = 6
COLOURS = 128  # of the file


def main() -> None:
    """Train both runs, make their films, and draw the strip."""
    sys.path.insert(0, str(ROOT))
    from nnlab.console.view import Silent
    from nnlab.cubic.film import film, last_step
    from nnlab.reports.film import log_spaced
    from nnlab.reports.film_strip import strip
    from nnlab.runs.saved import SavedRun

    films = []
    with tempfile.TemporaryDirectory() as folder:
        for name, preset in RUNS.items():
            command = [sys.executable, "-m", "nnlab", "cubic", *preset, "--quiet", "--no-plots"]
            environment = os.environ | {"PYTHONPATH": str(ROOT)}
            subprocess.run([*command, "--run-dir", name], cwd=folder, env=environment, check=True)
            saved = SavedRun(Path(folder, name))
            whole = film(saved, log_spaced(last_step(saved)), Silent())
            panels = [panel for panel in whole.panels if panel.title in SHOWN]
            films.append(replace(whole, panels=panels))
        strip(films, STILLS).savefig(TO)
    with Image.open(TO) as drawn:
        small = drawn.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(TO, optimize=True)


if __name__ == "__main__":
    main()
