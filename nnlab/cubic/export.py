"""Export a trained network of Part 1; see docs/export.md."""

from typing import BinaryIO

from nnlab.cubic.network import Parameters
from nnlab.cubic.restored import parameters
from nnlab.exports.arrays import shapes, write_csv, write_npz
from nnlab.exports.formats import Exported
from nnlab.exports.onnx_file import BATCH, Graph
from nnlab.runs.saved import SavedRun


def npz(saved: SavedRun, file: BinaryIO) -> Exported:
    """Write W1 b1 W2 b2 W3 b3 as .npz."""
    arrays, note = parameters(saved)
    write_npz(file, arrays)
    return Exported(note, {"arrays": shapes(arrays)})


def csv(saved: SavedRun, file: BinaryIO) -> Exported:
    """Write W1 b1 W2 b2 W3 b3 as a table, one number a line."""
    arrays, note = parameters(saved)
    write_csv(file, arrays)
    return Exported(note, {"arrays": shapes(arrays)})


def onnx(saved: SavedRun, file: BinaryIO) -> Exported:
    """Write the network as ONNX, in the type that it was trained in."""
    arrays, note = parameters(saved)
    content = {
        "input": f"x: {arrays['W1'].dtype} (batch, 1)",
        "output": f"f: {arrays['W1'].dtype} (batch, 1)",
    }
    file.write(network_file(arrays, {"run": saved.path.absolute().name, **content}))
    return Exported(note, content)


def network_file(p: Parameters, facts: dict[str, str]) -> bytes:
    """Return the ONNX file of the equations in `nnlab.cubic.network`: a row for each sample.

    ONNX's Gemm would do a product and a sum at once, but ONNX Runtime 1.16 has no float64 Gemm that
    is followed by a Sigmoid.
    """
    graph = Graph("cubic", "x", [BATCH, 1], str(p["W1"].dtype))

    def layer(h: str, number: int, to: str) -> str:
        """Add h W^T + b."""
        w, b = f"W{number}", f"b{number}"
        product = graph.node("MatMul", h, graph.constant(f"{w}.T", p[w].T))
        return graph.node("Add", product, graph.constant(b, p[b]), to=to)

    h1 = graph.node("Sigmoid", layer("x", 1, "z1"), to="h1")
    h2 = graph.node("Sigmoid", layer(h1, 2, "z2"), to="h2")
    return graph.model(layer(h2, 3, "f"), 1, facts)
