"""What `nnlab check` prints of the blocks and steps that it compared."""

import math

from nnlab.cubic.check.compare import Block
from nnlab.cubic.check.steps import Step
from nnlab.text import columns


def report(blocks: list[Block], title: str, *, from_file: bool) -> list[str]:
    """Return the table of the blocks and what it means, in lines.

    `from_file`: the parameters are those of a file, and no scale would change them.
    """
    ways = list(blocks[0].errors)
    rows = [["block", "entries", *ways, "gradient"]]
    for block in blocks:
        errors = [_against(block.errors[way], block.limits[way]) for way in ways]
        rows.append([block.name, f"{block.entries:,}", *errors, block.verdict])
    right = all(block.verdict == "right" for block in blocks)
    said = ["every block is right"] if right else [*filter(None, map(_said, blocks))]
    if any(block.verdict == "unclear" for block in blocks):
        start = "other parameters than those of --init-from" if from_file else "--init-scale 0.05"
        said.append(f"what is unclear is not proven: take {start}")
    return [f"{title}: relative error against", *columns(rows, right=True), *said]


def steps_report(steps: list[Step], left_out: str) -> list[str]:
    """Return the table of the engines' steps and what it means, in lines."""
    rows = [["engine", "block", "steps", "worst error", "step"]]
    for step in steps:
        error = _against(step.error, step.limit)
        rows.append([step.engine, step.block, str(step.count), error, step.verdict])
    wrong = [step for step in steps if step.verdict == "WRONG"]
    said = [
        f"{step.engine}: {step.block} is wrong, by {step.error:.2g} of its length ({step.where})"
        for step in wrong
    ]
    return [
        "steps, (before - after) / lr, against the equations written plainly:",
        *columns(rows, right=True),
        *([left_out] if left_out else []),
        *(said or ["every step is right"]),
    ]


def _against(error: float, limit: float) -> str:
    return f"{error:.1e} {'<' if error < limit else '>'} {limit:.0e}"


def _said(block: Block) -> str:
    """Return what there is to say of a block that is not right."""
    if block.verdict == "right":
        return ""
    if block.verdict == "unclear" and not block.size:
        return f"{block.name} has no gradient here, so that this start tells nothing of it"
    if block.verdict == "unclear":
        return f"{block.name} is lost in rounding: units are saturated, or nothing is left to learn"
    error = block.errors[block.failed]
    if not math.isfinite(error):
        return f"{block.name} is wrong, or the loss is too large: a derivative is no number"
    because = f": {block.why}" if block.why else ""
    return f"{block.name} is wrong, by {error:.2g} of its length ({block.failed}){because}"
