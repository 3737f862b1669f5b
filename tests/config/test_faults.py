"""Every kind of fault that a config or a run's file can have, and the message for it."""

from typing import Annotated, Any, get_args

import pytest
from pydantic import BaseModel, Field, StringConstraints, ValidationError
from pydantic_core.core_schema import ErrorType

from nnlab.config.faults import WANTED, first_fault
from nnlab.config.resolve import resolve
from nnlab.config.strict import StrictModel
from nnlab.cubic.config import CubicConfig
from nnlab.errors import UsageError
from nnlab.fashion.config import FashionConfig


def test_the_types_are_pydantics() -> None:
    assert WANTED.keys() <= set(get_args(ErrorType))


@pytest.mark.parametrize(
    ("model", "values", "said"),
    [
        (CubicConfig, {"lr": "a"}, 'lr got "a"; it should be a number'),
        (CubicConfig, {"lr": "1"}, 'lr got "1"; it should be a number (without quotes)'),
        (CubicConfig, {"lr": 0}, "lr got 0; it should be greater than 0"),
        (CubicConfig, {"seed": 2**40}, "it should be at most 4,294,967,295"),
        (CubicConfig, {"init_from": 3}, "init_from got 3; it should be text"),
        (FashionConfig, {"momentum": 1}, "momentum got 1; it should be less than 1"),
        (FashionConfig, {"weight_decay": 2000}, "it should be at most 1,000"),
        (FashionConfig, {"filters": 3}, "it should be a list in brackets, [..., ...]"),
        (FashionConfig, {"filters": []}, "it should have 1 or more items, not 0"),
        (FashionConfig, {"filters": [1] * 30}, "it should have at most 24 items, not 30"),
        (FashionConfig, {"augment": ["a"]}, "it should be 'flip', 'shift' or 'erase'"),
    ],
)
def test_a_fault_of_a_config(model: type[Any], values: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolve(model, None, values)
    assert str(caught.value).endswith(said)


class Inner(StrictModel):
    number: int = 0


class Saved(StrictModel):
    inner: Inner = Inner()
    texts: list[str] = Field(default_factory=list)
    table: dict[str, int | str] = Field(default_factory=dict)
    code: Annotated[str, StringConstraints(pattern="^[0-9]+$")] = "0"
    long: Annotated[str, Field(min_length=3)] = "long"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ('{"inner": 1}', "inner is 1; it should be a mapping"),
        ('{"inner": {"number": 1.5}}', "inner.number is 1.5; it should be a whole number"),
        ('{"texts": 1}', "texts is 1; it should be a list in brackets, [..., ...]"),
        ('{"texts": ["a", [1, 2]]}', "texts[1] is a list of 2; it should be text"),
        ('{"table": []}', "table is a list of 0; it should be a mapping"),
        ('{"code": "a"}', 'code is "a"; it should match the pattern ^[0-9]+$'),
        ('{"long": "a"}', 'long is "a"; String should have at least 3 characters'),
        ("[]", "it should be a mapping"),
    ],
)
def test_a_fault_of_a_file(raw: str, said: str) -> None:
    model: type[BaseModel] = Saved
    with pytest.raises(ValidationError) as caught:
        model.model_validate_json(raw)
    assert first_fault(caught.value) == said
