"""One step of a small network, every number of it, in the order of `nnlab.cubic.network`.

The sums over the units are written out. In a batch of several samples, (2) is the second one:

    z1[i](s) = W1[i] x(s) + b1[i]          h1[i](s) = 1 / (1 + exp(-z1[i](s)))
    z2[i](s) = sum_j W2[i,j] h1[j](s) + b2[i]
    f(s)     = sum_i W3[i] h2[i](s) + b3   e(s) = f(s) - y(s)
    d3(s)    = 2 e(s) / batch
    d2[i](s) = W3[i] d3(s) h2[i](s) (1 - h2[i](s))
    d1[j](s) = (sum_i W2[i,j] d2[i](s)) h1[j](s) (1 - h1[j](s))

The gradients are sums over the samples, because the deltas are those of the mean loss.
"""

from decimal import localcontext

from nnlab.cubic.config import GradientKind
from nnlab.cubic.network import Array, Parameters
from nnlab.cubic.worked.decimals import EXACTLY, Written, total
from nnlab.cubic.worked.kinds import DIAGONAL
from nnlab.cubic.worked.rest import NO_REST, Rest, with_rest
from nnlab.cubic.worked.sheet import Sheet, names
from nnlab.cubic.worked.updates import gradients, step

FORWARD, LOSS, BACKWARD = "Forward pass", "Loss", "Backward pass"
TWO = Written.number("2")


def worked(
    parameters: Parameters,
    x: Array,
    lr: float,
    kind: GradientKind = "exact",
    *,
    digits: int,
    new_digits: int,
    rest: Rest = NO_REST,
) -> Sheet:
    """Write down one step.

    Args:
        parameters: W1 b1 W2 b2 W3 b3, with the shapes of `network.shapes`.
        x: the samples of the batch, (batch, 1).
        lr: learning rate.
        kind: the kind of gradient that is followed.
        digits: significant digits of every number.
        new_digits: significant digits of the new parameters.
        rest: of the samples of the batch that are not written out.
    """
    sheet, units = Sheet(digits), range(1, len(parameters["b1"]) + 1)
    for block, entries in names(parameters).items():
        for name, value in zip(entries, parameters[block].ravel(), strict=True):
            sheet.give(name, float(value))
    batch = len(x) + rest.samples
    samples = [f"({s})" * (batch > 1) for s in range(1, len(x) + 1)]
    for s, each in zip(samples, x[:, 0], strict=True):
        sheet.give(f"x{s}", float(each))
    sheet.give("lr", float(lr))
    for name, number in rest.sums.items():
        sheet.give(name, number)
    with localcontext(EXACTLY):
        for s in samples:
            _forward(sheet, units, s)
        loss(sheet, samples, batch)
        for s in samples:
            _backward(sheet, units, s, batch, kind)
        gradients(sheet, units, samples, kind)
        step(sheet, parameters, new_digits)
    return sheet


def _part(title: str, s: str) -> str:
    """Return the title of a part; in a batch it names the sample."""
    return f"{title}, sample {s.strip('()')}" if s else title


def _forward(sheet: Sheet, units: range, s: str) -> None:
    part = _part(FORWARD, s)
    sheet.section(part, "z1 = W1 x + b1")
    for i in units:
        sheet.line(f"z1[{i}]{s}", sheet[f"W1[{i}]"] * sheet[f"x{s}"] + sheet[f"b1[{i}]"])
    sheet.section(part, "h1 = s(z1), and s(z) is 1 / (1 + exp(-z))")
    for i in units:
        sheet.line(f"h1[{i}]{s}", sheet[f"z1[{i}]{s}"].logistic())
    sheet.section(part, "z2 = W2 h1 + b2")
    for i in units:
        products = [sheet[f"W2[{i},{j}]"] * sheet[f"h1[{j}]{s}"] for j in units]
        sheet.line(f"z2[{i}]{s}", total([*products, sheet[f"b2[{i}]"]]))
    sheet.section(part, "h2 = s(z2)")
    for i in units:
        sheet.line(f"h2[{i}]{s}", sheet[f"z2[{i}]{s}"].logistic())
    sheet.section(part, "f = W3 h2 + b3")
    products = [sheet[f"W3[{i}]"] * sheet[f"h2[{i}]{s}"] for i in units]
    sheet.line(f"f{s}", total([*products, sheet["b3"]]))


def loss(sheet: Sheet, samples: list[str], batch: int) -> None:
    """Write the error of each sample and the loss; f and x are on the sheet."""
    sheet.section(LOSS, "y = x^3")
    for s in samples:
        sheet.line(f"y{s}", sheet[f"x{s}"].power(3))
    sheet.section(LOSS, "e = f - y")
    for s in samples:
        sheet.line(f"e{s}", sheet[f"f{s}"] - sheet[f"y{s}"])
    squares = with_rest(sheet, "L", (sheet[f"e{s}"].power(2) for s in samples))
    many = batch > 1
    sheet.section(LOSS, "L = mean of e^2 over the batch" if many else "L = e^2")
    sheet.line("L", squares / Written.number(str(batch)) if many else squares)


def _backward(sheet: Sheet, units: range, s: str, batch: int, kind: GradientKind) -> None:
    part = _part(BACKWARD, s)
    sheet.section(part, "d3 = 2 e / batch" if s else "d3 = 2 e")
    twice = TWO * sheet[f"e{s}"]
    sheet.line(f"d3{s}", twice / Written.number(str(batch)) if s else twice)
    sheet.section(part, "d2 = (W3^T d3) * h2 * (1 - h2)")
    for i in units:
        sheet.line(f"d2[{i}]{s}", sheet[f"W3[{i}]"] * sheet[f"d3{s}"] * sheet.slope(f"h2[{i}]{s}"))
    if kind in DIAGONAL:
        sheet.section(
            part,
            "d1[i] = W2[i,i] d2[i] * h1[i] * (1 - h1[i]), instead of (W2^T d2) * h1 * (1 - h1)",
        )
    else:
        sheet.section(part, "d1 = (W2^T d2) * h1 * (1 - h1)")
    for j in units:
        given_by = [j] if kind in DIAGONAL else units
        back = total(sheet[f"W2[{i},{j}]"] * sheet[f"d2[{i}]{s}"] for i in given_by)
        sheet.line(f"d1[{j}]{s}", back * sheet.slope(f"h1[{j}]{s}"))
