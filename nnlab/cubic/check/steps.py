"""Compare the steps of each engine with the gradient of `plain`.

A step is parameter -= lr * gradient, so (before - after) / lr is the gradient that the engine used.
"""

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace

import numpy as np

from nnlab import seeds
from nnlab.cubic.check import plain
from nnlab.cubic.check.cases import StepCase
from nnlab.cubic.check.compare import COMPLEX, EPS, LIMITS, ratio
from nnlab.cubic.check.config import CheckConfig
from nnlab.cubic.check.engines import EngineUnderTest
from nnlab.cubic.network import Array, Parameters

LIMIT = LIMITS[COMPLEX]
ERROR = "f - y"  # the errors that an engine returns; compared like a block
PLAIN = "plain equations"


@dataclass(frozen=True)
class Step:
    """The result for one block of an engine's step, or the worst result of several steps.

    Attributes:
        engine: name of the engine; PLAIN is the reference itself, compared with complex steps.
        block: W1 b1 W2 b2 W3 b3, or ERROR.
        error: relative error; infinite if it is nan.
        limit: the error must be below it.
        where: which case and which batch.
        count: number of steps; this is the worst of them.
    """

    engine: str
    block: str
    error: float
    limit: float
    where: str
    count: int = 1

    @property
    def verdict(self) -> str:
        """`right` if the error is below its limit, else `WRONG`."""
        return "right" if self.error < self.limit else "WRONG"

    def to_json(self) -> dict[str, object]:
        """Return the entry in run.json; inf and nan become null, since JSON has neither."""
        numbers = {"error": self.error, "limit": self.limit}
        finite = {key: x if math.isfinite(x) else None for key, x in numbers.items()}
        return asdict(self) | finite | {"verdict": self.verdict}


def compare_steps(
    config: CheckConfig, cases: list[StepCase], engines: list[EngineUnderTest]
) -> list[Step]:
    """Compare the steps of all engines in all cases; return the worst of each engine and block."""
    found: dict[tuple[str, str], list[Step]] = {}
    for case in cases:
        # A wrong gradient is not the derivative of a loss: there is no complex step for it.
        results = list(_check_plain(config, case)) if config.gradient == "exact" else []
        for engine in engines:
            if engine.serves(case.batch_size):
                results += _check_engine(config, case, engine)
        for step in results:
            found.setdefault((step.engine, step.block), []).append(step)
    return [_worst(steps) for steps in found.values()]


def _worst(steps: list[Step]) -> Step:
    worst = max(steps, key=lambda step: ratio(step.error, step.limit))
    return replace(worst, count=len(steps))


def _check_plain(config: CheckConfig, case: StepCase) -> Iterator[Step]:
    """Compare the gradient of `plain` with complex steps of its loss, in random directions."""
    rng = seeds.generator(config.seed, seeds.Purpose.ENTRIES, len(case.x))
    noise = _noise(case.parameters, case.x, case.y)
    derivatives = plain.directional_derivatives(case.parameters, case.x, case.y, rng)
    for name, (found, right) in derivatives.items():
        yield _compared(PLAIN, name, found, right, noise[name] * len(right) ** 0.5, case.name)


def _check_engine(config: CheckConfig, case: StepCase, engine: EngineUnderTest) -> Iterator[Step]:
    """Let an engine take both steps of a case, first in two calls, then in one; compare them."""
    size, lr = case.batch_size, _rate(config, case)
    first, last = slice(0, size), slice(size, None)
    take_steps, p = engine.start(case, lr), _copy(case.parameters)
    first_errors = take_steps(p, case.x[first], case.y[first])
    middle = _copy(p)
    last_errors = take_steps(p, case.x[last], case.y[last])
    p_one_call = _copy(case.parameters)
    all_errors = engine.start(case, lr)(p_one_call, case.x, case.y)
    step_1 = f"{case.name}, batch {size}"
    step_2 = f"{step_1}, then {len(case.x) - size}"
    for before, after, part, errors, where in (
        (case.parameters, middle, first, first_errors, step_1),
        (middle, p, last, last_errors, step_2),
        (middle, p_one_call, last, all_errors[last], f"{step_2}, in one call"),
    ):
        x, y = case.x[part], case.y[part]
        noise = _noise(before, x, y)
        for name, right in plain.gradient(before, x, y, config.gradient).items():
            used = (before[name] - after[name]) / lr
            # Weights are stored with a relative error of eps; the division by lr magnifies it.
            stored = 4 * EPS * (_norm(before[name]) + _norm(after[name])) / lr
            yield _compared(engine.name, name, used, right, noise[name] + stored, where)
        right_errors = plain.activations(before, x)[2].T - y
        yield _compared(engine.name, ERROR, errors, right_errors, noise[ERROR], where)


def _compared(
    engine: str, block: str, found: Array, right: Array, noise: float, where: str
) -> Step:
    """Compare `found` with `right`; rounding errors may have the norm `noise`."""
    norm = _norm(right) or noise  # if the right value is 0, divide by the noise instead
    error = ratio(_norm(found - right), norm)
    error = error if math.isfinite(error) else math.inf
    return Step(engine, block, error, LIMIT + ratio(noise, norm), where)


def _norm(a: Array) -> float:
    return float(np.linalg.norm(a))


def _copy(p: Parameters) -> Parameters:
    return {name: block.copy() for name, block in p.items()}


def _rate(config: CheckConfig, case: StepCase) -> float:
    """Return a learning rate that changes each block by about its own norm at most.

    With such a rate, (before - after) / lr keeps its digits, and the weights stay reasonable for
    the second step. The rate is a power of 2 times 2/3, which float32 cannot represent exactly, so
    an engine that rounds the rate to float32 is found.
    """
    part = slice(0, case.batch_size)
    found = plain.gradient(case.parameters, case.x[part], case.y[part], config.gradient)
    norms = {name: _norm(g) for name, g in found.items()}
    rates = [
        (_norm(p) + 1e-3 * p.size**0.5) / norms[name]
        for name, p in case.parameters.items()
        if norms[name] and math.isfinite(norms[name])
    ]
    power = math.floor(math.log2(min(rates, default=1.0)))
    return float(2.0 ** min(max(power, -60), 10)) * 2 / 3


def _noise(p: Parameters, x: Array, y: Array) -> dict[str, float]:
    """Return the norm of the rounding errors in each block; see `compare.compare`."""
    f = plain.activations(p, x)[2]
    eps = 100 * EPS * (1 + float(max(np.abs(f).max(), np.abs(y).max())))
    noise = {name: eps * _norm(g) for name, g in plain.sensitivity(p, x).items()}
    return noise | {ERROR: eps * len(x) ** 0.5}
