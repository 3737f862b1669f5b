"""TensorFlow in the process of the tests."""

import pytest

from nnlab.console.view import Silent
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.device import load_tensorflow


@pytest.fixture(scope="session")
def tensorflow() -> None:
    """Set TensorFlow up as a run does, before a test uses it.

    It can be set up only once in a process. A test that trains, or restores a network, in this
    process needs it so, and must not depend on the tests that ran before.
    """
    load_tensorflow(FashionConfig(device="cpu"), Silent())
