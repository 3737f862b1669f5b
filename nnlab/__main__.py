"""`nnlab` and `python -m nnlab`."""

import sys


def main() -> None:
    """Load and run the command line; Ctrl-C while it loads is no traceback."""
    try:
        from nnlab.cli import main as run  # noqa: PLC0415

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
