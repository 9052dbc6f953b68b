"""MiniLM's token vectors, made short enough to be kept for every memory.

The file beside this module has the directions in which token vectors differ most, fitted by
``ops/minilm/fit_projection.py`` on sentences of the project's own. What is left out of 384
dimensions is a few hundredths of a point of a cosine, and hardly of an order.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnemos_graph.language.token_embedder import TokenVectors

_FILE = Path(__file__).with_name("minilm_tokens.npy")
_MATRIX: NDArray[np.float32] = np.load(_FILE).astype(np.float32)
"""(384, token dimensions), its columns orthogonal and of length 1."""
TOKEN_DIMENSIONS = int(_MATRIX.shape[1])
PROJECTION = f"p1 {TOKEN_DIMENSIONS}d"
"""Which projection it is: the next fit gets the next number."""
_ONE = 127


def projected(states: NDArray[np.float32]) -> TokenVectors:
    """Return (tokens, token dimensions) for (tokens, 384): directions in parts of 127."""
    rows = states @ _MATRIX
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    tokens: TokenVectors = np.rint(rows * _ONE).astype(np.int8)
    return tokens
