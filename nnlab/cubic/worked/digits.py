"""How many digits a step is written with.

Each line rounds its result, and these errors add up. So the numbers get as many digits as it takes
for every result to be right, and for the new parameters to be those of the run.
"""

from decimal import Decimal
from itertools import product
from typing import Protocol

from nnlab.cubic.network import Parameters
from nnlab.cubic.worked.page import Page
from nnlab.cubic.worked.sheet import Sheet, agree, confirms, givens

NEW = (6, 5, 4, 3)  # digits of the new parameters: the most that the run confirms
GUARD = range(2, 11)  # more digits of all other numbers
EXACT = 30  # digits of a sheet whose rounding does not count


class Make(Protocol):
    """What writes a step with a number of digits."""

    def __call__(self, *, digits: int, new_digits: int) -> Sheet:
        """Return the sheet; `new_digits` are those of the new parameters."""


def with_numbers(page: Page, make: Make, after: Parameters) -> Page:
    """Return the page with the lines of a step, and a note on their digits.

    Args:
        page: the page without them.
        make: writes the step.
        after: the parameters of the run after the step.
    """
    sheet, new = _fitting(make, after)
    unlike = ", so that last digits may differ from the tables" * bool(page.tables)
    reading = (
        f"In the lines below, every number is rounded to {sheet.digits} significant digits, and "
        f"the next lines use it as it is printed{unlike}. The new weights are rounded to {new} "
        "digits, and are "
        + ("" if confirms(sheet, after, new) else "almost ")
        + "those that the training has after the step. Indices count from 1."
    )
    return page._replace(reading=reading, given=givens(sheet), sections=sheet.sections)


def _fitting(make: Make, after: Parameters) -> tuple[Sheet, int]:
    """Return a sheet and the digits of its new parameters.

    The best one is right in every result, and its new parameters are those of the run. Float32
    rounds so coarsely that this may need fewer digits. A large number beside a small one may need
    more than there are; then at least the new parameters are right, where they can be.
    """
    exact, confirmed = make(digits=EXACT, new_digits=EXACT), None
    for new, guard in product(NEW, GUARD):
        sheet = make(digits=new + guard, new_digits=new)
        if confirms(sheet, after, new):
            if agree(sheet, exact, Decimal(10) ** (1 - new)):
                return sheet, new
            confirmed = confirmed or (sheet, new)
    return confirmed or (make(digits=NEW[0] + GUARD[0], new_digits=NEW[0]), NEW[0])
