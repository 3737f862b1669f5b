"""What `nnlab check` prints of the blocks that it compared."""

import math

from nnlab.check.compare import Block
from nnlab.text import columns


def report(blocks: list[Block], title: str) -> list[str]:
    """Return the table of the blocks and what it means, in lines."""
    ways = list(blocks[0].errors)
    rows = [["block", "entries", *ways, "gradient"]]
    for block in blocks:
        errors = [_against(block.errors[way], block.limits[way]) for way in ways]
        rows.append([block.name, f"{block.entries:,}", *errors, block.verdict])
    right = all(block.verdict == "right" for block in blocks)
    return [
        f"{title}: relative error against",
        *columns(rows, right=True),
        *(["every block is right"] if right else filter(None, map(_said, blocks))),
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
        return f"{block.name} is lost in rounding: its units are saturated; try a smaller start"
    error = block.errors[block.failed]
    if not math.isfinite(error):
        return f"{block.name} is wrong, or the loss is too large: a derivative is no number"
    because = f": {block.why}" if block.why else ""
    return f"{block.name} is wrong, by {error:.2g} of its length ({block.failed}){because}"
