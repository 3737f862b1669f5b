"""Tell whether two machines have the same files."""

import hashlib
from contextlib import suppress
from pathlib import Path
from pkgutil import resolve_name

from nnlab import inputs


def digest(path: str) -> str:
    """Return the SHA-256 of a plain file, or of the plain files in a folder and their names.

    "" if there is neither, or it cannot be read.
    """
    with suppress(OSError, ValueError):
        if not Path(path).is_dir():
            return inputs.digest(Path(path))
        found = hashlib.sha256()
        for each in sorted(Path(path).iterdir()):
            if each.is_file():
                found.update(f"{each.name}\0{inputs.digest(each)}\0".encode(errors="replace"))
        return found.hexdigest()
    return ""


def lacking(data: str) -> bool:
    """Return whether this machine lacks published data (`nnlab.config.base.Config.published`)."""
    return bool(resolve_name(f"{data}:lacking")())
