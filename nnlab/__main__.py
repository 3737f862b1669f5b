"""`nnlab` and `python -m nnlab`."""

import gc
import os
import signal

from nnlab.ending import end_by


def main() -> None:
    """Load and run the command line; Ctrl-C while it loads shows no traceback."""
    if "_NNLAB_COMPLETE" in os.environ:  # somebody pressed Tab, and waits for this short process
        gc.disable()
    try:
        from nnlab.cli.app import main as run  # noqa: PLC0415

        run()
    except KeyboardInterrupt:
        end_by(signal.SIGINT)


if __name__ == "__main__":
    main()
