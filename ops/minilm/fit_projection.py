"""Fits the directions that are kept of all-MiniLM-L6-v2's token vectors.

The text is made here: sentences as people say them, with words drawn from the model's own
vocabulary, so that every region of its meanings takes part and nobody's data does. The directions
are those along which the tokens' unit vectors have the most of their length. Run it again only when
the network changes, and give ``PROJECTION`` in ``projection.py`` the next number, for token vectors
of two fits cannot be compared:

    .venv/bin/python ops/minilm/fit_projection.py
"""

import random
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from mnemos_graph.language.network import Network, model_folder
from mnemos_graph.language.tokenizer import WordPiece

CONSTANT = Path(__file__).parents[2] / "graph/mnemos_graph/language/minilm_tokens.npy"
DIMENSIONS = 64
SENTENCES, SEED = 6_000, 5
SHORTEST_WORD = 4
FRAMES = """
{0}: I went to the {1} with my {2} last {3}.
{0}: Have you ever tried {1} or {2}?
We talked about {1}, {2} and {3} the whole evening.
{0}: My {1} loves {2}, it is so {3}!
Thanks, {0}! The {1} was {2} and everybody liked the {3}.
How is the {1} going, {0}? Is the {2} still {3}?
{0}: I am thinking of {1} {2} next {3}.
What did {0} say about the {1} before the {2}?
When did {0} start {1}?
{0} lives in {1} and works as a {2} for {3}.
The user prefers {0} to {1} when {2} is involved.
{0} is allergic to {1} but can have {2}.
{0}'s favourite {1} is {2}.
Remember that the {0} needs a new {1} by {2}.
The {0} was changed from {1} to {2} because of {3}.
{0}: That sounds {1}! I should {2} more often.
{0}: I just finished a book about {1} and {2}.
Which {0} does {1} want to {2}?
{0} bought a {1} for her {2} on Saturday.
Set the {0} to {1} before you run the {2}.
The meeting about {0} is moved to {1}, said {2}.
{0}: No way, {1} never told me about the {2}.
{0} and {1} have both been to {2}.
He used to {0} every {1}, now he {2} instead.
{0}: Look at this {1}! [a photo of a {2} beside a {3}]
How many {0} has {1} seen in {2}?
To {0} the {1}, open the {2} and press {3}.
{0} felt {1} after losing the {2}.
The doctor told {0} to avoid {1} and to take {2}.
{0}: I signed up for a {1} class, it helps me {2}.
Why did {0} decide to {1}?
The {0} costs {1} and comes with a {2}.
{0} grew up near {1} with two {2}.
{0}: Congratulations on the {1}, your {2} must be {3}.
Our {0} supports {1} since the last {2}.
Would {0} enjoy a {1} about {2}?
""".strip().splitlines()


def sentences(vocabulary: Tokenizer) -> list[str]:
    words = sorted(
        word
        for word in vocabulary.get_vocab()
        if word.isascii() and word.isalpha() and len(word) >= SHORTEST_WORD
    )
    chance = random.Random(SEED)  # noqa: S311 - it has to be the same every time
    return [
        chance.choice(FRAMES).format(*(chance.choice(words) for _ in range(4)))
        for _ in range(SENTENCES)
    ]


def token_vectors(texts: list[str], folder: Path) -> NDArray[np.float32]:
    """Return every token's vector at length 1, as rows."""
    network, tokenizer = Network(folder), WordPiece(folder / "tokenizer.json")
    rows = np.concatenate([network.read(tokenizer.windows(text))[0][1:-1] for text in texts])
    unit: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def fit(rows: NDArray[np.float32]) -> NDArray[np.float16]:
    _, directions = np.linalg.eigh(rows.T @ rows)
    kept = directions[:, ::-1][:, :DIMENSIONS]
    # An eigenvector's sign is arbitrary: the same everywhere, it makes the file the same.
    signs = np.sign(kept[np.abs(kept).argmax(axis=0), range(DIMENSIONS)])
    constant: NDArray[np.float16] = (kept * signs).astype(np.float16)
    return constant


if __name__ == "__main__":
    model = model_folder()
    made = sentences(Tokenizer.from_file(str(model / "tokenizer.json")))
    np.save(CONSTANT, fit(token_vectors(made, model)))
