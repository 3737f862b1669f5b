"""What `nnlab doctor` finds: the result of one check."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from nnlab.errors import NnlabError
from nnlab.text import printable

State = Literal["ok", "warn", "fault"]


class Result(NamedTuple):
    """What a check returns.

    Attributes:
        state: ok; warn: a run works, but not as well as it could; fault: a run would fail.
        seen: what was really tried, and what came of it.
        advice: what to do about it.
    """

    state: State
    seen: str
    advice: str = ""


class Finding(NamedTuple):
    """The result of a check, with its name."""

    name: str
    state: State
    seen: str
    advice: str


Check = Callable[[], Result]


def examine(name: str, check: Check) -> Finding:
    """Do a check; an error is a fault, too, because what was tried does not work."""
    try:
        state, seen, advice = check()
    except ImportError as error:
        package = (error.name or "the package").partition(".")[0]
        state, seen = "fault", f"{package} cannot be imported: {error}"
        advice = f"install it again: pip install --force-reinstall {package}"
    except NnlabError as error:
        state, seen, advice = "fault", str(error), ""
    except Exception as error:  # noqa: BLE001 - whatever a broken library raises
        state, seen, advice = "fault", f"{type(error).__name__}: {error}", ""
    return Finding(name, state, printable(seen), printable(advice))
