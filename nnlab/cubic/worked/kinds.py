"""What the kinds of gradient change in the equations."""

from nnlab.cubic.config import GradientKind
from nnlab.cubic.gradients import EXPLANATIONS

WRONG_UNIT: tuple[GradientKind, ...] = ("wrong-unit", "as-printed")
"""The kinds with error 1, in dW2."""

DIAGONAL: tuple[GradientKind, ...] = ("diagonal", "as-printed")
"""The kinds with error 2, in d1."""


def wrong_equations(kind: GradientKind) -> list[str]:
    """Return a note on each equation that is not the exact one."""
    wrong = EXPLANATIONS[kind]
    head = [
        f"gradient: {kind} is not exact. The lines show the equations that the run really used."
    ]
    return [*head * bool(wrong), *(f"d{block} is wrong: {why}" for block, why in wrong.items())]
