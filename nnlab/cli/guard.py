"""Protect a command from its environment: closed streams, other programs' settings, warnings."""

import io
import logging
import os
import sys
import warnings

# Keras imports these where they are installed, for functions that no command uses: half a second,
# and 70 MB.
NOT_FOR_KERAS = ("matplotlib.pyplot", "sklearn")


def prepare() -> None:
    """Prepare the process before the command opens a file or loads a library."""
    _open_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # for characters that it cannot show
            stream.reconfigure(errors="backslashreplace")
    os.environ["MPLBACKEND"] = "agg"  # a notebook sets a backend that may not be installed here
    os.environ["MATPLOTLIBRC"] = os.devnull  # nnlab.plots sets the style of the plots
    # How long a BLAS thread spins after its work before it sleeps, log2 of processor cycles. Its
    # own 26 are some 20 ms: NumPy's and SciPy's threads take the cores from each other.
    os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "20")
    for module in NOT_FOR_KERAS:
        sys.modules.setdefault(module, None)  # type: ignore[arg-type]  # to import it fails
    for library in ("matplotlib", "tensorflow", "absl"):
        logging.getLogger(library).setLevel(logging.ERROR)
    if not sys.warnoptions:  # a user who asks Python for warnings gets them
        warnings.simplefilter("ignore")


def _open_streams() -> None:
    """Open /dev/null in place of each closed standard stream (`>&-`).

    Otherwise a file of the run that is opened later gets the stream's number, and with it what is
    printed.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:  # noqa: PLR2004 - stderr's
        os.set_inheritable(number, True)
    os.close(number)
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
