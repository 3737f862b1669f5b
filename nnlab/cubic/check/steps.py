"""What one step of each engine really did, (before - after) / lr, against the plain equations."""

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace

import numpy as np

from nnlab import seeds
from nnlab.cubic.check import plain
from nnlab.cubic.check.cases import StepCase
from nnlab.cubic.check.compare import COMPLEX, EPS, LIMITS, ratio
from nnlab.cubic.check.config import CheckConfig
from nnlab.cubic.check.movers import Mover
from nnlab.cubic.network import Array, Parameters

LIMIT = LIMITS[COMPLEX]
ERROR = "f - y"  # stands beside the blocks: the errors that an engine reports
PLAIN = "plain equations"


@dataclass(frozen=True)
class Step:
    """One block of an engine's step, or of several the worst one.

    Attributes:
        engine: whose step; PLAIN: the reference, in random directions against the complex step.
        block: W1 b1 W2 b2 W3 b3, or ERROR.
        error: relative to the reference; infinite if it is not a number.
        limit: what the error must be below.
        where: at which weights, in which batch.
        count: how many steps this one is the worst of.
    """

    engine: str
    block: str
    error: float
    limit: float
    where: str
    count: int = 1

    @property
    def verdict(self) -> str:
        """`right`, or WRONG where the error is not below its limit."""
        return "right" if self.error < self.limit else "WRONG"

    def facts(self) -> dict[str, object]:
        """Return what run.json has of it; for an infinite number JSON has null."""
        numbers = {"error": self.error, "limit": self.limit}
        finite = {key: x if math.isfinite(x) else None for key, x in numbers.items()}
        return asdict(self) | finite | {"verdict": self.verdict}


def compare_steps(config: CheckConfig, cases: list[StepCase], movers: list[Mover]) -> list[Step]:
    """Compare the steps of all `movers` in all cases; return the worst of each engine and block."""
    found: dict[tuple[str, str], list[Step]] = {}
    for case in cases:
        # Of the gradient as printed three blocks are no derivative of anything.
        looked_at = list(_proof(config, case)) if config.gradient == "exact" else []
        for mover in movers:
            if mover.serves(case.batch_size):
                looked_at += _steps(config, case, mover)
        for step in looked_at:
            found.setdefault((step.engine, step.block), []).append(step)
    return [_worst(steps) for steps in found.values()]


def _worst(steps: list[Step]) -> Step:
    worst = max(steps, key=lambda step: ratio(step.error, step.limit))
    return replace(worst, count=len(steps))


def _proof(config: CheckConfig, case: StepCase) -> Iterator[Step]:
    """Compare the plain gradient with the complex step of the plain loss."""
    rng = seeds.generator(config.seed, seeds.Purpose.ENTRIES, len(case.x))
    noise = _noise(case.parameters, case.x, case.y)
    for name, (found, right) in plain.prove(case.parameters, case.x, case.y, rng).items():
        yield _compared(PLAIN, name, found, right, noise[name] * len(right) ** 0.5, case.name)


def _steps(config: CheckConfig, case: StepCase, mover: Mover) -> Iterator[Step]:
    """Let `mover` take both steps of a case, in a call each and in one; compare all of them."""
    size, lr = case.batch_size, _rate(config, case)
    first, last = slice(0, size), slice(size, None)
    descend, p = mover.begin(case, lr), _copy(case.parameters)
    errors = [descend(p, case.x[first], case.y[first])]
    middle = _copy(p)
    errors.append(descend(p, case.x[last], case.y[last]))
    whole = _copy(case.parameters)
    both = mover.begin(case, lr)(whole, case.x, case.y)
    told = f"{case.name}, batch {size}"
    then = f"{told}, then {len(case.x) - size}"
    for before, after, part, reported, where in (
        (case.parameters, middle, first, errors[0], told),
        (middle, p, last, errors[1], then),
        (middle, whole, last, both[last], f"{then}, in one call"),
    ):
        x, y = case.x[part], case.y[part]
        noise = _noise(before, x, y)
        for name, right in plain.gradient(before, x, y, config.gradient).items():
            moved = (before[name] - after[name]) / lr
            # A weight is kept to eps of its length, so that a step is known to eps of it / lr.
            kept = 4 * EPS * (_length(before[name]) + _length(after[name])) / lr
            yield _compared(mover.name, name, moved, right, noise[name] + kept, where)
        wrong = plain.activations(before, x)[2].T - y
        yield _compared(mover.name, ERROR, reported, wrong, noise[ERROR], where)


def _compared(
    engine: str, block: str, found: Array, right: Array, noise: float, where: str
) -> Step:
    """Compare `found` with what is `right`, where `noise` is the length that rounding may take."""
    length = _length(right) or noise  # where nothing is right, rounding alone may stand
    error = ratio(_length(found - right), length)
    error = error if math.isfinite(error) else math.inf
    return Step(engine, block, error, LIMIT + ratio(noise, length), where)


def _length(a: Array) -> float:
    return float(np.linalg.norm(a))


def _copy(p: Parameters) -> Parameters:
    return {name: block.copy() for name, block in p.items()}


def _rate(config: CheckConfig, case: StepCase) -> float:
    """Return a learning rate that moves each block at most by about its own length.

    So (before - after) / lr keeps its digits, and the second step has weights of a sane size. It
    has no end in binary, so that a rate that is rounded to float32 shows.
    """
    part = slice(0, case.batch_size)
    found = plain.gradient(case.parameters, case.x[part], case.y[part], config.gradient)
    lengths = {name: _length(g) for name, g in found.items()}
    may_move = [
        (_length(p) + 1e-3 * p.size**0.5) / lengths[name]
        for name, p in case.parameters.items()
        if lengths[name] and math.isfinite(lengths[name])
    ]
    power = math.floor(math.log2(min(may_move, default=1.0)))
    return float(2.0 ** min(max(power, -60), 10)) * 2 / 3


def _noise(p: Parameters, x: Array, y: Array) -> dict[str, float]:
    """Return by block the length that arithmetic alone may be wrong by; see `compare.compare`."""
    f = plain.activations(p, x)[2]
    eps = 100 * EPS * (1 + float(max(np.abs(f).max(), np.abs(y).max())))
    steep = plain.steepest(p, x)
    return {name: eps * _length(g) for name, g in steep.items()} | {ERROR: eps * len(x) ** 0.5}
