"""Builds the network of all-MiniLM-L6-v2 as an ONNX file without its weights.

The weights are named as in the model's ``model.safetensors`` and come in when the file is loaded,
so the repository holds 23 KB instead of 90 MB, and no file that was made by somebody else's tool.
Run it again only when the network changes:

    python -m pip install onnx && python ops/minilm/build_skeleton.py
"""

from pathlib import Path

import onnx
from onnx import TensorProto, helper

SKELETON = Path(__file__).parents[2] / "graph/mnemos_graph/language/minilm.onnx"

LAYERS, HEADS, WIDTH, INNER = 6, 12, 384, 1536
WORDS, POSITIONS, KINDS = 30_522, 512, 2
HEAD = WIDTH // HEADS
EPSILON = 1e-12
MASKED = -10_000.0
OPSET, IR = 20, 9


class Network:
    """Nodes and initializers in the order in which they are added."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []

    def add(self, op: str, *inputs: str, named: str = "", **attributes: object) -> str:
        """Add one node and return the name of what it gives."""
        name = named or f"{op.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], name=name, **attributes))
        return name

    def weight(self, name: str, *shape: int) -> str:
        """Declare a tensor that is brought when the network is loaded."""
        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape)
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="model.safetensors")
        self.initializers.append(tensor)
        return name

    def numbers(self, name: str, *values: int) -> str:
        self.initializers.append(
            helper.make_tensor(name, TensorProto.INT64, [len(values)], list(values))
        )
        return name

    def number(self, name: str, value: float) -> str:
        self.initializers.append(helper.make_tensor(name, TensorProto.FLOAT, [], [value]))
        return name

    def linear(self, rows: str, name: str, before: int, after: int) -> str:
        weight = self.weight(f"{name}.weight", after, before)
        return self.add("Gemm", rows, weight, self.weight(f"{name}.bias", after), transB=1)

    def norm(self, rows: str, name: str) -> str:
        scale, shift = self.weight(f"{name}.weight", WIDTH), self.weight(f"{name}.bias", WIDTH)
        return self.add("LayerNormalization", rows, scale, shift, axis=-1, epsilon=EPSILON)


def embeddings(net: Network) -> str:
    """Words, places and the kind of the (only) sentence, as rows of all texts after each other."""
    words = net.weight("embeddings.word_embeddings.weight", WORDS, WIDTH)
    places = net.weight("embeddings.position_embeddings.weight", POSITIONS, WIDTH)
    kinds = net.weight("embeddings.token_type_embeddings.weight", KINDS, WIDTH)
    length = net.add("Shape", "input_ids", start=1, end=2)
    here = net.add("Slice", places, net.numbers("zero", 0), length, "zero")
    first_kind = net.add("Slice", kinds, "zero", net.numbers("one", 1), "zero")
    place = net.add("Add", here, first_kind)
    summed = net.add("Add", net.add("Gather", words, "input_ids"), place)
    return net.norm(net.add("Reshape", summed, "rows"), "embeddings.LayerNorm")


def attention(net: Network, rows: str, mask: str, layer: str) -> str:
    def heads(part: str, *, order: tuple[int, ...]) -> str:
        given = net.linear(rows, f"{layer}.attention.self.{part}", WIDTH, WIDTH)
        return net.add("Transpose", net.add("Reshape", given, "by_head"), perm=order)

    query = heads("query", order=(0, 2, 1, 3))
    key = heads("key", order=(0, 2, 3, 1))
    value = heads("value", order=(0, 2, 1, 3))
    scores = net.add("Mul", net.add("MatMul", query, key), "scale")
    weights = net.add("Softmax", net.add("Add", scores, mask), axis=-1)
    mixed = net.add("Transpose", net.add("MatMul", weights, value), perm=(0, 2, 1, 3))
    joined = net.add("Reshape", mixed, "rows")
    return net.linear(joined, f"{layer}.attention.output.dense", WIDTH, WIDTH)


def feed_forward(net: Network, rows: str, layer: str) -> str:
    inner = net.add("Gelu", net.linear(rows, f"{layer}.intermediate.dense", WIDTH, INNER))
    return net.linear(inner, f"{layer}.output.dense", INNER, WIDTH)


def build() -> onnx.ModelProto:
    net = Network()
    net.numbers("rows", -1, WIDTH)
    net.number("scale", HEAD**-0.5)
    shape = net.add("Shape", "input_ids")
    net.add("Concat", shape, net.numbers("head_shape", HEADS, HEAD), named="by_head", axis=0)
    absent = net.add("Sub", net.number("present", 1.0), net.add("Cast", "attention_mask", to=1))
    penalty = net.add("Mul", absent, net.number("masked", MASKED))
    mask = net.add("Unsqueeze", penalty, net.numbers("between", 1, 2))
    rows = embeddings(net)
    for n in range(LAYERS):
        layer = f"encoder.layer.{n}"
        attended = net.add("Add", attention(net, rows, mask, layer), rows)
        rows = net.norm(attended, f"{layer}.attention.output.LayerNorm")
        fed = net.add("Add", feed_forward(net, rows, layer), rows)
        rows = net.norm(fed, f"{layer}.output.LayerNorm")
    whole = net.add("Concat", shape, net.numbers("width", WIDTH), axis=0)
    net.add("Reshape", rows, whole, named="last_hidden_state")
    graph = helper.make_graph(
        net.nodes,
        "all-MiniLM-L6-v2",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])
            for name in ("input_ids", "attention_mask")
        ],
        [
            helper.make_tensor_value_info(
                "last_hidden_state", TensorProto.FLOAT, ["texts", "tokens", WIDTH]
            )
        ],
        net.initializers,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)


if __name__ == "__main__":
    SKELETON.write_bytes(build().SerializeToString())
