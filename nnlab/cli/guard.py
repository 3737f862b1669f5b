"""Keep what surrounds a command out of it: closed streams, other programs' settings, warnings."""

import io
import logging
import os
import sys
import warnings


def prepare() -> None:
    """Prepare the process for a command, before it opens or loads anything."""
    _open_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a name that the terminal cannot write
            stream.reconfigure(errors="backslashreplace")
    os.environ["MPLBACKEND"] = "agg"  # a notebook sets one that is not installed here
    os.environ["MATPLOTLIBRC"] = os.devnull  # the pictures have a style of their own (nnlab.plots)
    for library in ("matplotlib", "tensorflow", "absl"):
        logging.getLogger(library).setLevel(logging.ERROR)
    if not sys.warnoptions:  # who asks Python for warnings gets them
        warnings.simplefilter("ignore")


def _open_streams() -> None:
    """Put /dev/null where a standard stream is closed (`>&-`).

    A file that is opened later, a run's, would take its number, and get what is printed.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:  # noqa: PLR2004 - stderr's
        os.set_inheritable(number, True)
    os.close(number)
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
