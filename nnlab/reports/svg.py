"""A matplotlib figure as SVG inside a page: it follows the page's colours and needs no styles.

A page whose content security policy admits one style sheet ignores every `style` attribute, so
each becomes the presentation attributes that it stands for. Colours of the plots become the page's
own, which differ in light and dark (report.css).
"""

import io
import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import matplotlib as mpl
from matplotlib.figure import Figure

from nnlab.plots import BLUE, GREY, GRID, ORANGE, RED, TEAL

COLOURS = {
    "#000000": "currentColor",
    BLUE.lower(): "var(--blue)",
    ORANGE.lower(): "var(--orange)",
    TEAL.lower(): "var(--teal)",
    RED.lower(): "var(--red)",
    GREY.lower(): "var(--faint)",
    GRID.lower(): "var(--grid)",
}
UNSAID = {"Date": None, "Creator": None, "Format": None, "Type": None}  # the same bytes each time
DROPPED = {"font-family"}  # the page's font


def inline(figure: Figure, said: str, prefix: str) -> str:
    """Return `figure` as an `<svg>` element.

    Args:
        figure: the figure.
        said: what it shows, for those who do not see it.
        prefix: start of every id in it; another one for each figure of a page.
    """
    file = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "nnlab", "svg.fonttype": "none"}):
        figure.savefig(file, format="svg", metadata=UNSAID, transparent=True)
    root = ET.fromstring(file.getvalue())  # noqa: S314 - matplotlib has just written it
    for parent in list(root.iter()):
        for child in list(parent):
            if _name(child.tag) in {"style", "metadata"}:
                parent.remove(child)
    used = set(re.findall(r"#([\w.-]+)", " ".join(_values(root))))
    for element in root.iter():
        _clean(element, used, prefix)
    del root.attrib["height"]  # the style sheet makes it fit, and keeps its shape
    root.attrib |= {"role": "img", "aria-label": said, "stroke-linejoin": "round"}
    return ET.tostring(root, encoding="unicode")


def _clean(element: ET.Element, used: set[str], prefix: str) -> None:
    """Turn the attributes of an element into those that a page can have."""
    element.tag = _name(element.tag)
    attributes = {_name(key): value for key, value in element.attrib.items()}
    attributes |= dict(_declarations(attributes.pop("style", "")))
    if attributes.get("id") not in used:
        attributes.pop("id", None)
    if element.tag == "text":
        attributes.setdefault("fill", "currentColor")
    if "d" in attributes:  # a hundredth of a point is enough
        attributes["d"] = re.sub(r"(\.\d\d)\d+", r"\1", " ".join(attributes["d"].split()))
    element.attrib = {key: _value(key, text, used, prefix) for key, text in attributes.items()}
    element.text = (element.text or "").strip() or None
    element.tail = None


def _value(key: str, text: str, used: set[str], prefix: str) -> str:
    if key == "id":
        return prefix + text
    if text.lower() in COLOURS:
        return COLOURS[text.lower()]
    return re.sub(r"#([\w.-]+)", lambda m: f"#{prefix * (m[1] in used)}{m[1]}", text)


def _declarations(style: str) -> Iterator[tuple[str, str]]:
    """Yield the names and values of the declarations in a `style` attribute."""
    for declaration in filter(None, map(str.strip, style.split(";"))):
        name, _, value = declaration.partition(":")
        if name not in DROPPED:
            yield name, value.strip()


def _values(root: ET.Element) -> Iterator[str]:
    """Yield what can name an id: the links, and the values that contain `url(...)`."""
    for element in root.iter():
        for key, value in element.attrib.items():
            if _name(key) == "href" or "url(" in value:
                yield value


def _name(name: str) -> str:
    """Return a name without its namespace."""
    return name.rpartition("}")[2]
