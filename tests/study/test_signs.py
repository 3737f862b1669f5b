"""The signs of the arms in a picture."""

from nnlab.study.signs import signs_of


def test_six_arms_differ_in_each_sign_and_42_in_all_together() -> None:
    six = list(signs_of("abcdef").values())
    for name in ("colour", "dashes", "marker", "width", "first"):
        assert len({getattr(sign, name) for sign in six}) == 6, name
    many = signs_of(map(str, range(42))).values()
    assert len({(sign.colour, sign.dashes) for sign in many}) == 42


def test_an_arm_that_is_named_twice_has_one_sign() -> None:
    assert list(signs_of(["a", "b", "a"])) == ["a", "b"]
