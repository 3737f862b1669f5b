"""The gradients and the new weights of a step that is written out."""

from collections.abc import Iterable

from nnlab.cubic.config import GradientKind
from nnlab.cubic.network import Parameters
from nnlab.cubic.worked.decimals import Written
from nnlab.cubic.worked.kinds import WRONG_UNIT
from nnlab.cubic.worked.rest import with_rest
from nnlab.cubic.worked.sheet import Sheet, names

GRADIENTS, STEP = "Gradients", "New weights"


def gradients(sheet: Sheet, units: range, samples: list[str], kind: GradientKind) -> None:
    """Write the gradients, which are sums over the samples; the deltas are on the sheet."""
    over = "sum of " if samples[0] else ""

    def write(name: str, terms: Iterable[Written]) -> None:
        sheet.line(name, with_rest(sheet, name, terms))

    sheet.section(GRADIENTS, f"dW3 = {over}d3 h2^T")
    for i in units:
        write(f"dW3[{i}]", (sheet[f"d3{s}"] * sheet[f"h2[{i}]{s}"] for s in samples))
    sheet.section(GRADIENTS, f"db3 = {over}d3")
    write("db3", (sheet[f"d3{s}"] for s in samples))
    if kind in WRONG_UNIT:
        sheet.section(
            GRADIENTS,
            f"dW2[i,j] = {over}W3[i] d3 * h2[j] (1 - h2[j]) * h1[j], instead of d2[i] h1[j]",
        )
    else:
        sheet.section(GRADIENTS, f"dW2 = {over}d2 h1^T")
    for i in units:
        for j in units:
            write(f"dW2[{i},{j}]", (_weight_2(sheet, i, j, s, kind) for s in samples))
    sheet.section(GRADIENTS, f"db2 = {over}d2")
    for i in units:
        write(f"db2[{i}]", (sheet[f"d2[{i}]{s}"] for s in samples))
    sheet.section(GRADIENTS, f"dW1 = {over}d1 x^T")
    for i in units:
        write(f"dW1[{i}]", (sheet[f"d1[{i}]{s}"] * sheet[f"x{s}"] for s in samples))
    sheet.section(GRADIENTS, f"db1 = {over}d1")
    for i in units:
        write(f"db1[{i}]", (sheet[f"d1[{i}]{s}"] for s in samples))


def _weight_2(sheet: Sheet, i: int, j: int, s: str, kind: GradientKind) -> Written:
    """Return the part that a sample has in dW2[i,j]."""
    if kind in WRONG_UNIT:
        back = sheet[f"W3[{i}]"] * sheet[f"d3{s}"]
        return back * sheet.slope(f"h2[{j}]{s}") * sheet[f"h1[{j}]{s}"]
    return sheet[f"d2[{i}]{s}"] * sheet[f"h1[{j}]{s}"]


def step(sheet: Sheet, parameters: Parameters, digits: int) -> None:
    """Write the new parameters whose gradients are on the sheet, with so many digits."""
    for block, entries in names(parameters).items():
        sheet.section(STEP, f"new_{block} = {block} - lr * d{block}")
        for name in (each for each in entries if f"d{each}" in sheet.values):
            sheet.line(f"new_{name}", sheet[name] - sheet["lr"] * sheet[f"d{name}"], digits)
