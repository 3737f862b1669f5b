"""Write a network as ONNX, the exchange format for trained networks (https://onnx.ai)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlab import __version__
from nnlab.errors import UsageError, missing_package

# Of 2021, so that old programs load the file, too: ONNX Runtime 1.16 (2023) was tried.
OPSET, IR_VERSION = 13, 7
MOST_BYTES = 2**31 - 1_000_000  # protobuf's limit, less the graph
BATCH = "batch"


class Graph:
    """A graph of ONNX operators that is being built, with one input.

    Args:
        name: name of the network.
        inputs: name of the input.
        shape: its shape; BATCH is an axis of any length.
        dtype: its type, "float32" or "float64".

    Raises:
        UsageError: the package onnx is not installed.
    """

    def __init__(self, name: str, inputs: str, shape: Sequence[int | str], dtype: str) -> None:
        try:
            import onnx
        except ImportError as error:
            raise missing_package("--format onnx", "onnx", error) from error
        self._onnx, self._name = onnx, name
        self._type = onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        self._input = onnx.helper.make_tensor_value_info(inputs, self._type, list(shape))
        self._nodes: list[Any] = []
        self._constants: dict[str, NDArray[Any]] = {}

    def constant(self, name: str, array: Any) -> str:  # noqa: ANN401 - what NumPy makes an array of
        """Add an array of weights under its name, once; return the name."""
        self._constants.setdefault(name, np.ascontiguousarray(array))
        return name

    def node(self, operator: str, *inputs: str, to: str = "", **attributes: object) -> str:
        """Add an operator that is applied to `inputs`; return the name of its output.

        The name is `to`; by default the operator's, with a number.
        """
        output = to or f"{operator}_{len(self._nodes)}"
        node = self._onnx.helper.make_node(operator, inputs, [output], name=output, **attributes)
        self._nodes.append(node)
        return output

    def model(self, output: str, width: int, facts: Mapping[str, object]) -> bytes:
        """Return the ONNX file of the graph, checked.

        Args:
            output: the node whose output, (batch, `width`), is that of the network.
            width: numbers in the output for one input.
            facts: what else the file says, as its metadata.

        Raises:
            UsageError: the network is too large for the format.
        """
        size = sum(array.nbytes for array in self._constants.values())
        if size > MOST_BYTES:
            raise UsageError(
                f"an ONNX file holds at most 2 GB, and these weights are {size / 1e9:.1f} GB: "
                "take --format npz"
            )
        helper, to_tensor = self._onnx.helper, self._onnx.numpy_helper.from_array
        last = helper.make_tensor_value_info(output, self._type, [BATCH, width])
        weights = [to_tensor(array, name) for name, array in self._constants.items()]
        graph = helper.make_graph(self._nodes, self._name, [self._input], [last], weights)
        model = helper.make_model(
            graph, ir_version=IR_VERSION, opset_imports=[helper.make_opsetid("", OPSET)],
            producer_name="nnlab", producer_version=__version__,
        )  # fmt: skip
        written = {k: v if isinstance(v, str) else json.dumps(v) for k, v in facts.items()}
        helper.set_model_props(model, written)
        self._onnx.checker.check_model(model, full_check=True)
        content: bytes = model.SerializeToString(deterministic=True)
        return content
