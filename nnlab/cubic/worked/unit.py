"""A step of a large network, for the first unit of each layer.

What sums over all units of a layer is given: h2[1], f and d1[1]. All else is written out.
"""

from decimal import localcontext

from nnlab.cubic.network import Array, Backpropagation
from nnlab.cubic.worked.complete import BACKWARD, FORWARD, TWO, loss
from nnlab.cubic.worked.decimals import EXACTLY
from nnlab.cubic.worked.sheet import Sheet, names
from nnlab.cubic.worked.updates import GRADIENTS, step


def first_unit(
    network: Backpropagation, x: Array, lr: float, *, digits: int, new_digits: int
) -> Sheet:
    """Write down what a step does to the first unit of each layer.

    The formulas are those of every kind of gradient: for weight [1,1] the wrong unit is the right
    one, and d1[1] is given.

    Args:
        network: after its backward pass for one sample.
        x: the sample, (1, 1).
        lr: learning rate.
        digits: significant digits of every number.
        new_digits: significant digits of the new parameters.
    """
    sheet = Sheet(digits)
    for block, entries in names(network.parameters).items():
        sheet.give(entries[0], float(network.parameters[block].flat[0]))
    sheet.give("x", float(x[0, 0]))
    sheet.give("lr", float(lr))
    for name, array in (("h2[1]", network.h2), ("f", network.f), ("d1[1]", network.d1)):
        sheet.give(name, float(array[0, 0]))
    with localcontext(EXACTLY):
        sheet.section(FORWARD, "z1 = W1 x + b1")
        sheet.line("z1[1]", sheet["W1[1]"] * sheet["x"] + sheet["b1[1]"])
        sheet.section(FORWARD, "h1 = s(z1), and s(z) is 1 / (1 + exp(-z))")
        sheet.line("h1[1]", sheet["z1[1]"].logistic())
        loss(sheet, [""], 1)
        sheet.section(BACKWARD, "d3 = 2 e")
        sheet.line("d3", TWO * sheet["e"])
        sheet.section(BACKWARD, "d2 = (W3^T d3) * h2 * (1 - h2)")
        sheet.line("d2[1]", sheet["W3[1]"] * sheet["d3"] * sheet.slope("h2[1]"))
        for name, delta, given in (
            ("W3[1]", "d3", "h2[1]"),
            ("W2[1,1]", "d2[1]", "h1[1]"),
            ("W1[1]", "d1[1]", "x"),
        ):
            layer = name[1]
            sheet.section(GRADIENTS, f"dW{layer} = d{layer} {given.partition('[')[0]}^T")
            sheet.line(f"d{name}", sheet[delta] * sheet[given])
            sheet.section(GRADIENTS, f"db{layer} = d{layer}")
            sheet.line("db3" if layer == "3" else f"db{layer}[1]", sheet[delta])
        step(sheet, network.parameters, new_digits)
    return sheet
