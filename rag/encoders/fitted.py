"""Values fitted on top of a bundled model, merged into its own when it is loaded.

A file of fitted values has, by the names of the ONNX file's initializers, vectors that take the
place of the model's own. For a weight matrix it has a low-rank change (LoRA: Hu et al. 2022):
`NAME/at`, the byte at which the matrix's 8-bit values begin in the pinned file, `NAME/down` (n, r)
and `NAME/up` (r, m), whose product is in steps of the matrix's own 8-bit grid.

Most changes are smaller than a step, and would be lost to rounding to the nearest. They are
rounded at random, the same each time, so that they hold on average (stochastic rounding: Gupta et
al. 2015).
"""

import numpy as np
import numpy.typing as npt

from rag.encoders.arrays import opened

Values = npt.NDArray[np.float32] | npt.NDArray[np.int8]

AT, DOWN, UP = "/at", "/down", "/up"


def merged(name: str, model: bytes) -> dict[str, Values]:
    """What takes the place of initializers of the ONNX file `model`, by their names.

    `name` is a file of the package `rag`.
    """
    with opened(name) as arrays:
        fitted = dict(arrays)
    values: dict[str, Values] = {}
    noise = np.random.default_rng(0)
    for key, value in fitted.items():
        if key.endswith(AT):
            matrix = key.removesuffix(AT)
            down, up = (fitted[matrix + part].astype(np.float32) for part in (DOWN, UP))
            shape = (down.shape[0], up.shape[1])
            own = np.frombuffer(model, np.int8, shape[0] * shape[1], int(value))
            changed = down @ up
            changed += own.reshape(shape)
            changed += noise.random(shape, dtype=np.float32)
            np.clip(np.floor(changed, out=changed), -128, 127, out=changed)
            values[matrix] = changed.astype(np.int8)
        elif not key.endswith((DOWN, UP)):
            values[key] = value.astype(np.float32)
    return values
