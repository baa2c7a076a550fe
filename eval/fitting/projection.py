"""Fit the projection of the token vectors: `python -m eval.fitting.projection SQUAD_FILE`.

Principal components (Pearson 1901) of unit token states, not centred, since late interaction
compares directions. Writes `rag/projection.safetensors`, float16 of shape (384, 96).
"""

import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from eval.squad import read_squad
from rag.encoders import TOKEN_DIMENSION, Floats, TokenEncoder
from rag.encoders.tokens import PROJECTION


def principal_directions(states: Floats, dimension: int = TOKEN_DIMENSION) -> Floats:
    """The first `dimension` principal directions of `states` (n, d), as columns (d, dimension)."""
    moments = states.T.astype(np.float64) @ states
    _, directions = np.linalg.eigh(moments)
    return np.asarray(directions[:, ::-1][:, :dimension], dtype=np.float32)


def main() -> None:
    """Fit on the paragraphs of the file named on the command line."""
    articles = read_squad(Path(sys.argv[1])).articles.values()
    paragraphs = [paragraph for text in articles for paragraph in text.split("\n\n")]
    projection = principal_directions(TokenEncoder().states(paragraphs))
    target = Path(__file__).parent.parent.parent / "rag" / PROJECTION
    save_file({"projection": projection.astype(np.float16)}, target)


if __name__ == "__main__":
    main()
