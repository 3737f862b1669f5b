"""What a check found, in counts, and what its exit code means."""

from collections.abc import Mapping, Sequence

FAULTS = {
    "wrong_blocks": "a block of the gradient is wrong",
    "wrong_steps": "an engine takes wrong steps",
    "unclear_blocks": "of a block of the gradient nothing can be told",
}
"""What is counted, and what it means if there is one: exit code 1."""


def summary(blocks: Sequence[str], steps: Sequence[str]) -> dict[str, int]:
    """Return the summary of a check from the verdicts on blocks and on steps."""
    return {
        "wrong_blocks": blocks.count("WRONG"),
        "wrong_steps": steps.count("WRONG"),
        "unclear_blocks": blocks.count("unclear"),
    }


def exit_code(summary: Mapping[str, float]) -> tuple[int, str]:
    """Return the exit code that follows from a check's summary, and a line on what it means."""
    found = [meaning for name, meaning in FAULTS.items() if summary.get(name)]
    if found:
        return 1, f"exit code 1: {'; '.join(found)}"
    if not FAULTS.keys() <= summary.keys():
        return 0, (
            "exit code 0: no block is called wrong; but this check is of an older nnlab, which "
            "looked at less: run it again"
        )
    return 0, "exit code 0: every block of the gradient is right, and so is every step"
