"""Describe config fields for help and docs."""

import types
import typing
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic.fields import FieldInfo

from nnlab.text import NO_BREAK


def describe(field: FieldInfo) -> str:
    """Return the help of a field: description, default and bounds; no fact is broken over lines."""
    facts = [f"default: {default_of(field)}", *bounds(field)]
    return f"{field.description} ({'; '.join(fact.replace(' ', NO_BREAK) for fact in facts)})"


def default_of(field: FieldInfo) -> str:
    """Return the default of a field as a user would type it, and whether other keys change it."""
    if field.default_factory is None:
        return as_typed(field.default)
    alone = field.get_default(call_default_factory=True, validated_data={})
    return f"{as_typed(alone)}, or from the other keys"


def as_typed(value: object) -> str:
    """Return the value of a key as a user would type it after the flag."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case tuple() | list():
            return ",".join(map(as_typed, value)) or "[]"
        case dict():
            return "{" + ", ".join(f"{k}: {as_typed(v)}" for k, v in value.items()) + "}"
        case _:
            return str(value)


def bounds(field: FieldInfo) -> list[str]:
    """Return the bounds of a number, such as `>= 1`."""
    signs = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<"}
    return [
        f"{sign} {getattr(rule, name):,}".removesuffix(".0")
        for rule in field.metadata
        for name, sign in signs.items()
        if hasattr(rule, name)
    ]


def plain_type(field: FieldInfo) -> object:
    """Return the field's type without `| None` and without annotations."""
    plain: Any = field.annotation
    if typing.get_origin(plain) in {types.UnionType, typing.Union}:
        plain = next(t for t in typing.get_args(plain) if t is not type(None))
    if typing.get_origin(plain) is Annotated:
        plain = typing.get_args(plain)[0]
    return plain


def choices(kind: object) -> list[str]:
    """Return the words that a value of a field may be, or contain: those of its Literal types."""
    if typing.get_origin(kind) is Literal:
        return [as_typed(word) for word in typing.get_args(kind)]
    return [word for part in typing.get_args(kind) for word in choices(part)]


def metavar(field: FieldInfo) -> str:
    """Return the placeholder of a field's value in help and docs; empty for a switch."""
    plain = plain_type(field)
    if field.annotation == int | Literal["auto"]:
        return "auto|INTEGER"
    if typing.get_origin(plain) is Literal:
        return "|".join(map(str, typing.get_args(plain)))
    if typing.get_origin(plain) is tuple:
        item = typing.get_args(plain)[0]
        return ",".join(typing.get_args(item)) if typing.get_origin(item) is Literal else "N,N,..."
    names: dict[object, str] = {int: "INTEGER", float: "NUMBER", Path: "PATH"}
    return names.get(plain, "")
