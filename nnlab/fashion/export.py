"""Export a trained network of Part 3; see docs/export.md."""

import json
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from nnlab import __version__
from nnlab.exports.arrays import shapes, write_csv, write_npz
from nnlab.exports.formats import Exported
from nnlab.exports.output import MARK
from nnlab.fashion.restored import Restored, restored
from nnlab.noise import without_noise
from nnlab.runs.provenance import to_json
from nnlab.runs.saved import SavedRun

METADATA = "metadata.json"  # in a .keras file


def npz(saved: SavedRun, file: BinaryIO) -> Exported:
    """Write the weights as .npz, by the names that a run's model.npz has."""
    return _write_weights(saved, file, write_npz)


def csv(saved: SavedRun, file: BinaryIO) -> Exported:
    """Write the weights as a table, one number a line."""
    return _write_weights(saved, file, write_csv)


def _write_weights(
    saved: SavedRun, file: BinaryIO, write: Callable[[BinaryIO, Any], None]
) -> Exported:
    network = restored(saved)
    from nnlab.fashion import state

    arrays = state.weights(network.network)
    write(file, arrays)
    return Exported(network.note, {"arrays": shapes(arrays)})


def onnx(saved: SavedRun, file: BinaryIO) -> Exported:
    """Write the network as ONNX."""
    network = restored(saved)
    from nnlab.fashion.onnx_network import network_file

    content = _content(network)
    facts = {"run": saved.path.absolute().name, **content}
    file.write(network_file(network.network, network.side, len(network.classes), facts))
    return Exported(network.note, content)


def keras(saved: SavedRun, file: BinaryIO) -> Exported:
    """Write a .keras file of plain Keras layers; the same network always gives the same bytes."""
    network = restored(saved)
    from nnlab.fashion.plain_network import plain_network

    with tempfile.TemporaryDirectory() as folder, _quiet():
        path = Path(folder) / "network.keras"
        plain_network(network.network, network.side).save(path)
        _copy_without_dates(path, file, str(saved.record["started"]))
    return Exported(network.note, _content(network))


def _copy_without_dates(path: Path, file: BinaryIO, started: str) -> None:
    """Copy a .keras file; where it says when it was saved, say when the run was started."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(file, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == METADATA:
                content = json.dumps({**json.loads(content), "date_saved": started}).encode()
            target.writestr(zipfile.ZipInfo(name), content)  # dated 1980


def savedmodel(saved: SavedRun, folder: Path) -> Exported:
    """Fill `folder` with a SavedModel of TensorFlow."""
    network = restored(saved)
    from nnlab.fashion.plain_network import plain_network

    with _quiet():
        plain = plain_network(network.network, network.side)
        plain.export(str(folder), format="tf_saved_model", verbose=False)
    mark = folder / MARK
    mark.parent.mkdir(exist_ok=True)
    content = _content(network)
    about = {"nnlab": __version__, "run": saved.path.absolute().name, **content}
    mark.write_text(to_json(about), encoding="utf-8")
    return Exported(network.note, content)


@contextmanager
def _quiet() -> Iterator[None]:
    """Hide what TensorFlow prints, and warnings of Keras about its own use of NumPy."""
    with without_noise(), warnings.catch_warnings(action="ignore"):
        yield


def _content(network: Restored) -> dict[str, Any]:
    from nnlab.fashion.plain_network import INPUT, OUTPUT

    side, classes = network.side, list(network.classes)
    return {
        "input": f"{INPUT}: float32 (batch, {side}, {side}, 1), pixels from 0 to 255",
        "output": f"{OUTPUT}: float32 (batch, {len(classes)})",
        "classes": classes,
    }
