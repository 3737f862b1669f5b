"""Residual connections: some blocks add their input to what they compute, x -> relu(x + f(x)).

    Conv2D -> norm -> relu -> Conv2D -> norm -> Shortcut -> relu        two blocks, with `skip: 2`
       '------------------ input of the first ------^

Source: He et al., arXiv:1512.03385; the input is added as it is, so its shape must be that of the
output.
"""

from typing import Any

import keras


class Shortcut(keras.layers.Layer):
    """Adds the input of an earlier layer.

    Attributes:
        start: Name of that layer.
    """

    def __init__(self, start: str) -> None:
        super().__init__()
        self.start = start

    def call(self, inputs: Any, earlier: Any = None) -> Any:
        """Return `inputs` + `earlier`; Keras asks for the shape of the output with one of them."""
        return inputs if earlier is None else inputs + earlier
