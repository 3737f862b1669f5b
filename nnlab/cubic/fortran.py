"""BLAS from Python: SciPy's wrappers of its Fortran library, without the rest of scipy.linalg."""

import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path
from typing import Any

WRAPPERS = "scipy.linalg._fblas"


def blas() -> Any:  # noqa: ANN401 - a compiled module without types
    """Return SciPy's module of BLAS functions: `ddot` is that of float64, `sdot` of float32.

    It is the module from which `scipy.linalg.blas` takes them. Importing that package loads 200
    others (0.2 s), for functions that nnlab does not use; so this loads its one file. Where SciPy
    keeps it elsewhere, the package finds it.
    """
    import scipy

    spec = PathFinder.find_spec(WRAPPERS, [str(Path(scipy.__file__).parent / "linalg")])
    if "scipy.linalg" in sys.modules or spec is None or spec.loader is None:
        from scipy.linalg import blas as found

        return found
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
