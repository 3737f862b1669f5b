"""The text that `nnlab check` prints: a table of the blocks, and a table of the engines' steps."""

import math

from nnlab.cubic.check.compare import Block
from nnlab.cubic.check.steps import Step
from nnlab.text import columns


def report(blocks: list[Block], title: str, *, from_file: bool) -> list[str]:
    """Return the table of the blocks and its explanation, as lines.

    Args:
        blocks: all blocks.
        title: first words of the heading.
        from_file: whether the parameters come from a file; --init-scale has no effect then.
    """
    methods = list(blocks[0].errors)
    rows = [["block", "entries", *methods, "gradient"]]
    for block in blocks:
        errors = [_against(block.errors[method], block.limits[method]) for method in methods]
        rows.append([block.name, f"{block.entries:,}", *errors, block.verdict])
    right = all(block.verdict == "right" for block in blocks)
    lines = ["every block is right"] if right else [*filter(None, map(_explanation, blocks))]
    if any(block.verdict == "unclear" for block in blocks):
        start = "other parameters in --init-from" if from_file else "--init-scale 0.05"
        lines.append(f"an unclear block does not pass: check again with {start}")
    return [f"{title}: relative error against", *columns(rows, right=True), *lines]


def steps_report(steps: list[Step], left_out: str) -> list[str]:
    """Return the table of the engines' steps and its explanation, as lines."""
    rows = [["engine", "block", "steps", "worst error", "step"]]
    for step in steps:
        error = _against(step.error, step.limit)
        rows.append([step.engine, step.block, str(step.count), error, step.verdict])
    wrong = [step for step in steps if step.verdict == "WRONG"]
    lines = [
        f"{step.engine}: {step.block} is wrong: relative error {_number(step.error)} ({step.where})"
        for step in wrong
    ]
    return [
        "steps of each engine, (before - after) / lr: relative error against the plain equations",
        *columns(rows, right=True),
        *([left_out] if left_out else []),
        *(lines or ["every step is right"]),
    ]


def _against(error: float, limit: float) -> str:
    return f"{error:.1e} {'<' if error < limit else '>'} {limit:.0e}"


def _number(error: float) -> str:
    """Return a relative error with two digits: 25, 1.0, 0.058, 2.5e-05."""
    return f"{error:#.2g}".rstrip(".")


def _explanation(block: Block) -> str:
    """Return a line on a block that is not right; empty for a right one."""
    if block.verdict == "right":
        return ""
    if block.verdict == "unclear" and not block.size:
        return f"{block.name} is unclear: its gradient is 0 for these parameters"
    if block.verdict == "unclear":
        return (
            f"{block.name} is unclear: its gradient is smaller than rounding errors, because units "
            "are saturated or the loss is almost 0"
        )
    error = block.errors[block.failed]
    if not math.isfinite(error):
        return f"{block.name} is wrong, or the loss is too large: a derivative is not finite"
    why = f": {block.why}" if block.why else ""
    return f"{block.name} is wrong: relative error {_number(error)} ({block.failed}){why}"
