"""Values fitted on top of a bundled model, merged into its own when it is loaded.

A safetensors file of fitted values has, by the names of the ONNX file's initializers, vectors that
take the place of the model's own. For a weight matrix it has a low-rank change (LoRA: Hu et al.
2022): `NAME/at`, the byte at which the matrix's 8-bit values begin in the pinned file, `NAME/down`
(n, r) and `NAME/up` (r, m), whose product is in steps of the matrix's own 8-bit grid.

Most changes are smaller than a step, and would be lost to rounding to the nearest. They are
rounded at random, the same each time, so that they hold on average (stochastic rounding: Gupta et
al. 2015).
"""

from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load

Values = npt.NDArray[np.float32] | npt.NDArray[np.int8]

AT, DOWN, UP = "/at", "/down", "/up"


def arrays_in(name: str) -> dict[str, npt.NDArray[Any]]:
    """The arrays in a safetensors file of the package `rag`, by their names."""
    return load((files("rag") / name).read_bytes())


def merged(name: str, model: bytes) -> dict[str, Values]:
    """What takes the place of initializers of the ONNX file `model`, by their names.

    `name` is a file of the package `rag`.
    """
    arrays = arrays_in(name)
    values: dict[str, Values] = {
        key: array.astype(np.float32)
        for key, array in arrays.items()
        if not key.endswith((AT, DOWN, UP))
    }
    noise = np.random.default_rng(0)
    places = {int(at): key.removesuffix(AT) for key, at in arrays.items() if key.endswith(AT)}
    for at, matrix in sorted(places.items()):
        down, up = (arrays[matrix + part].astype(np.float32) for part in (DOWN, UP))
        shape = (down.shape[0], up.shape[1])
        changed = down @ up
        changed += np.frombuffer(model, np.int8, shape[0] * shape[1], at).reshape(shape)
        changed += noise.random(shape, dtype=np.float32)
        np.clip(np.floor(changed, out=changed), -128, 127, out=changed)
        values[matrix] = changed.astype(np.int8)
    return values
