"""The text of a space is read back as it was written, and no text does anything but fail well."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlab.config.yamlfile import Entry
from nnlab.errors import UsageError
from nnlab.sweep.asked import Asked, planned
from nnlab.sweep.space import Ends, Item, as_key, typed, written

NUMBERS = st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False)
NAMES = st.from_regex(r"[a-z][a-z_]{0,9}", fullmatch=True)
LETTERS = st.characters(max_codepoint=0xFFFF)  # JSON writes others as two, YAML as one
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(LETTERS, max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=4,
)
AXES = st.lists(VALUES, min_size=1, max_size=4) | st.tuples(NUMBERS, NUMBERS, st.booleans())


def text(axis: Any) -> str:
    if isinstance(axis, tuple):
        low, high, log = axis
        return f"{low!r}..{high!r}{':log' * log}"
    return ",".join(map(json.dumps, axis))


def ends(low: object, high: object, *, log: bool) -> Ends:
    return Ends.model_validate({"from": low, "to": high, "log": log})


@given(st.dictionaries(NAMES, AXES, max_size=4))
def test_a_space_is_read_as_it_was_written(space: dict[str, Any]) -> None:
    items, faults = typed(f"{key.replace('_', '-')}={text(axis)}" for key, axis in space.items())
    assert not faults
    assert list(items) == list(space)
    for key, axis in space.items():
        if isinstance(axis, tuple):
            assert items[key].values == ends(axis[0], axis[1], log=axis[2])
        else:
            assert repr(items[key].values) == repr(tuple(axis))


SIGNS = st.text(st.sampled_from("lrhiden=.,:[]{}#&*!|>'\"%@`~?-+_0123456789 \n\t\udc80é\0"))


@settings(max_examples=300)
@given(st.lists(st.text() | SIGNS | SIGNS.map("lr=".__add__), max_size=3))
def test_any_text_is_a_plan_or_one_message(items: list[str]) -> None:
    try:
        plan, _ = planned(Asked("cubic", items, trials=9))
    except UsageError as error:
        _, *faults = str(error).splitlines()
        assert faults
        assert all(fault.startswith("  ") for fault in faults)
    else:
        assert plan.space


@given(st.dictionaries(NAMES | st.just("lr"), VALUES | SIGNS, max_size=3))
def test_any_mapping_of_a_file_is_read_or_has_a_line_for_each_fault(space: dict[str, Any]) -> None:
    items, faults = written({key: Entry(value, "f.yaml:1") for key, value in space.items()})
    assert items.keys() <= {as_key(key) for key in space}
    assert all(fault.startswith("  f.yaml:1: ") for fault in faults)


@pytest.mark.parametrize(
    ("item", "values"),
    [
        ("lr=1e-4..1e-2:log", ends(1e-4, 1e-2, log=True)),
        ("lr=-2..-.5", ends(-2, -0.5, log=False)),
        ("lr= 1 .. 2 :log", ends(1, 2, log=True)),
        ("points=../data.npy", ("../data.npy",)),
        ("points='1..2'", ("1..2",)),
        ("filters=[16, 32],[{filters: 8, pool: 2}]", ([16, 32], [{"filters": 8, "pool": 2}])),
        ("warmup=null,0.1", (None, 0.1)),
        ("lr=1=2", ("1=2",)),
    ],
)
def test_an_item_means(item: str, values: object) -> None:
    items, faults = typed([item])
    assert not faults
    assert list(items.values()) == [Item(values, item)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ("lr", "lr: this item has no =; write KEY=a,b,c or KEY=low..high"),
        ("", "'': this item has no ="),
        ("=3", "=3: this item names no key"),
        (" =3", "this item names no key"),
        ("lr=", "lr=: this item has no value"),
        ("lr= #", "lr= #: this item has no value"),
        ("lr=1,", "there is no value after the last comma"),
        ("lr=,1", "YAML cannot read this list of values"),
        ("lr=1] #", "YAML cannot read this list of values"),
        ("lr=1..", "one end of the range is missing"),
        ("lr=..1", "one end of the range is missing"),
        ("lr=1..2,3", "a range cannot stand in a list"),
        ("lr=1..2:lin", "'lin' cannot follow a range; only :log can"),
        ("lr=1..2:", "'' cannot follow a range"),
    ],
)
def test_an_item_with_a_fault_is_refused(item: str, said: str) -> None:
    items, (fault,) = typed([item])
    assert not items
    assert said in fault
