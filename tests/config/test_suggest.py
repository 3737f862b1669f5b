"""What an unknown key, flag or command was meant to be."""

import pytest

from nnlab.config.suggest import KEYS, near_commands, near_key
from nnlab.cubic.check.config import CheckConfig
from nnlab.cubic.config import CubicConfig
from nnlab.fashion.blocks import Block
from nnlab.fashion.config import FashionConfig

MODELS = (CubicConfig, FashionConfig, CheckConfig, Block)
OPTIONS = {"config", "print_config", "run_dir", "quiet"}


@pytest.mark.parametrize(
    ("given", "cubic", "fashion"),
    [
        ("learning_rate", "lr", "lr"),
        ("learning-rate", "lr", "lr"),
        ("learningRate", "lr", "lr"),
        ("lerning_rate", "lr", "lr"),
        ("n_epochs", "epochs", "epochs"),
        ("num_epochs", "epochs", "epochs"),
        ("batchsize", "batch_size", "batch_size"),
        ("hidden_units", "hidden", "hidden"),
        ("units", "hidden", "hidden"),
        ("random_state", "seed", "seed"),
        ("steps", "samples", "epochs"),
        ("n_samples", "samples", "samples"),
        ("sampler", "order", "order"),
        ("hiden", "hidden", "hidden"),
        ("dropout", None, "dense_dropout"),
        ("zzz", None, None),
    ],
)
def test_the_key_that_was_meant(given: str, cubic: str | None, fashion: str | None) -> None:
    assert near_key(given, CubicConfig.model_fields) == cubic
    assert near_key(given, FashionConfig.model_fields) == fashion


def test_every_name_leads_to_a_key_and_is_not_one() -> None:
    keys = OPTIONS.union(*(model.model_fields for model in MODELS))
    for name, meant in KEYS.items():
        assert {key for each in meant for key in each.split(":")} <= keys, name
        assert name.isalnum()
        assert name.islower()


def test_the_command_that_was_meant() -> None:
    assert near_commands("cubik", ["cubic", "data"], "nnlab") == ["nnlab cubic"]
    assert near_commands("Fetsch", ["fetch"], "nnlab data") == ["nnlab data fetch"]
    assert near_commands("train", ["cubic"], "nnlab") == ["nnlab cubic", "nnlab fashion"]
    assert near_commands("zzz", ["cubic"], "nnlab") == []
