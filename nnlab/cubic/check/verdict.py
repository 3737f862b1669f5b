"""Summary of a check, and its exit code."""

from collections.abc import Mapping, Sequence

from nnlab.metric import Metric

FAULTS = {
    "wrong_blocks": "a block of the gradient is wrong",
    "wrong_steps": "an engine takes wrong steps",
    "unclear_blocks": "a block of the gradient could not be checked",
}
"""The counts in the summary, and what they mean. If one is not 0, the exit code is 1."""


METRICS = tuple(Metric(name, "", "lower", ",", meaning) for name, meaning in FAULTS.items())


def summary(blocks: Sequence[str], steps: Sequence[str]) -> dict[str, int]:
    """Count the verdicts on the blocks and on the steps."""
    return {
        "wrong_blocks": blocks.count("WRONG"),
        "wrong_steps": steps.count("WRONG"),
        "unclear_blocks": blocks.count("unclear"),
    }


def exit_code(summary: Mapping[str, float]) -> tuple[int, str]:
    """Return the exit code for the summary of a check, and a line that explains it."""
    found = [meaning for name, meaning in FAULTS.items() if summary.get(name)]
    if found:
        return 1, f"exit code 1: {'; '.join(found)}"
    if not FAULTS.keys() <= summary.keys():
        return 0, (
            "exit code 0: no block is wrong; but this check was made by an older nnlab, which "
            "checked less: run it again"
        )
    return 0, "exit code 0: every block of the gradient is right, and every step is right"
