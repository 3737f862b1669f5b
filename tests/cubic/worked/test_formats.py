"""The LaTeX of a step is balanced and can be set; names are shown as they are."""

import re

import pytest
from matplotlib.mathtext import MathTextParser

from nnlab.cubic.config import CubicConfig
from nnlab.cubic.worked.explain import explained
from nnlab.cubic.worked.formats import written
from nnlab.cubic.worked.latex import math
from nnlab.cubic.worked.page import Asked

ROWS = re.compile(r"\\begin\{(?:align|gather)\*\}\n(.*?)\n\\end", re.DOTALL)
CONFIGS = [
    CubicConfig(hidden=2, samples=20),
    CubicConfig(hidden=2, samples=20, batch_size=3, gradient="as-printed", init_scale=1e-6),
    CubicConfig(hidden=1, samples=80, batch_size=20),
    CubicConfig(hidden=30, samples=20),
]


def formulas(text: str) -> list[str]:
    """Return every formula of a document, without the marks of alignment."""
    rows = [row for block in ROWS.findall(text) for row in block.split(" \\\\\n")]
    clean = [row.replace("&\\quad", "").replace("&=", "=").replace("&", "") for row in rows]
    return [*clean, *re.findall(r"^\$(.*)\$$", text, re.MULTILINE)]


@pytest.mark.parametrize("blank", [False, True])
@pytest.mark.parametrize("config", CONFIGS)
def test_the_document_is_balanced(config: CubicConfig, blank: bool) -> None:
    text = written(explained(config, "a_run", Asked(3)), "latex", blank=blank)
    opened, depth = [], 0
    for kind, name in re.findall(r"\\(begin|end)\{([a-z*]+)\}", text):
        if kind == "begin":
            opened.append(name)
        else:
            assert opened.pop() == name
    for character in re.sub(r"\\[{}]", "", text):
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert not opened
    assert not depth
    assert text.isascii()
    assert len(re.findall(r"(?<!\\)\$", text)) % 2 == 0


@pytest.mark.parametrize("config", CONFIGS[:3])
def test_every_formula_can_be_set(config: CubicConfig) -> None:
    parser = MathTextParser("path")
    found = formulas(written(explained(config, "a", Asked(3)), "latex"))
    assert len(found) > 40
    shapes = {re.sub(r"\d+", "0", formula): formula for formula in found}
    for formula in shapes.values():  # of those that differ in their numbers only, one
        parser.parse(f"${formula}$")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("new_b1 = b1 - lr db1", r"b_{1}^{\mathrm{new}} = b_{1} - \mathit{lr} db_{1}"),
        ("L = rest_L / 20", r"L = L^{\mathrm{rest}} / 20"),
        ("rest_db3", r"db_{3}^{\mathrm{rest}}"),
        ("e(2)^2", "{e^{(2)}}^2"),
        ("W2[1,2] * h1[2](3)", r"W_{2}[1,2] \cdot {h_{1}[2]^{(3)}}"),
        ("(W3^T d3) * h2", r"(W_{3}^{T} d_{3}) \cdot h_{2}"),
        ("2 * (-1.5e-9)", r"2 \cdot (-(1.5 \cdot 10^{-9}))"),
        ("1 / (1 + exp(-z1[1]))", r"1 / (1 + \exp(-z_{1}[1]))"),
    ],
)
def test_formulas(text: str, said: str) -> None:
    assert math(text) == said


NAME = "a_b*c$%&#{}\\^~<x>|`[l](u)"


def test_a_name_is_shown_as_it_is() -> None:
    page = explained(CubicConfig(hidden=2, samples=20), NAME, Asked(3, 2, f"{NAME}\x1b[31m"))
    assert NAME in written(page, "text")
    assert "\x1b" not in "".join(written(page, form) for form in ("text", "markdown", "latex"))
    assert r"a\_b\*c$%&\#{}\\^~\<x\>\|\`\[l\](u)" in written(page, "markdown")
    shown = r"a\_b*c\$\%\&\#\{\}\textbackslash{}\textasciicircum{}\textasciitilde{}"
    assert shown in written(page, "latex")


def test_very_small_numbers_have_an_exponent() -> None:
    text = written(explained(CONFIGS[1], "a", Asked(0)), "text")
    assert re.search(r"= -?\d\.\d+e-\d+$", text, re.MULTILINE)
