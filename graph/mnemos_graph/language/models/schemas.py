"""JSON schemas: what an answer has to fit, and the plainer form of them that models can be held to.

Providers hold a model to a part of JSON Schema only, and each to another. So they are sent what all
of them know, and the answer is checked here against the whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jsonschema_rs

from mnemos_graph.errors import BadInput

_CHECKED_ONLY = frozenset(
    {
        "$schema", "contains", "default", "exclusiveMaximum", "exclusiveMinimum", "format",
        "maxContains", "maxItems", "maxLength", "maxProperties", "maximum", "minContains",
        "minItems", "minLength", "minProperties", "minimum", "multipleOf", "pattern", "title",
        "uniqueItems",
    }
)  # fmt: skip
"""Keywords that no provider, or not every one, holds a model to."""
_NAMED = frozenset({"properties", "$defs", "definitions", "patternProperties"})
"""Keywords whose keys are names, not keywords."""
_VALUES = frozenset({"enum", "const", "required"})
_DEEPEST = 32
_MOST_TOLD = 300
"""Characters of a complaint that are passed on."""


class Schema:
    """A schema with a name. Nothing that it refers to is fetched from anywhere."""

    def __init__(
        self, name: str, whole: Mapping[str, Any], held: Mapping[str, Any] | None = None
    ) -> None:
        """Read a schema.

        ``held``: what models are held to where that is more than an answer must fit, because
        whoever asks can do with a part of it.

        Raises:
            BadInput: it is no JSON schema, or refers to one elsewhere.
        """
        self.name = name
        self.whole = whole
        try:
            self._validator = jsonschema_rs.validator_for(
                dict(whole), retriever=_nothing_elsewhere, validate_formats=True
            )
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as wrong:
            told = str(wrong).partition("\n")[0]
            raise BadInput(f"{name} is no JSON schema: {told[:_MOST_TOLD]}.") from wrong
        self.plain: Mapping[str, Any] = _plain(whole if held is None else held, 0)
        """Without what providers do not hold a model to."""
        self.strict = _is_strict(self.plain)
        """Whether a model can be held to it: all is named, nothing is optional or left open."""

    def complaint(self, value: object) -> str | None:
        """Return what is wrong with a value, without the value; None where it fits."""
        for error in self._validator.iter_errors(value):
            where = "/".join(str(step) for step in error.instance_path) or "the whole"
            return f"{where} breaks {error.kind.name}"[:_MOST_TOLD]
        return None


def _nothing_elsewhere(uri: str) -> Any:
    raise ValueError(f"It refers to {uri}. Put everything into one schema.")


def _plain(schema: Any, depth: int) -> Any:
    if depth > _DEEPEST:
        raise BadInput(f"A schema is nested more than {_DEEPEST} levels deep. Make it flatter.")
    if isinstance(schema, Sequence) and not isinstance(schema, str):
        return [_plain(each, depth + 1) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    plain = {}
    for keyword, each in schema.items():
        if keyword in _NAMED:
            plain[keyword] = {name: _plain(one, depth + 1) for name, one in each.items()}
        elif keyword in _VALUES:
            plain[keyword] = each
        elif keyword not in _CHECKED_ONLY:
            plain[keyword] = _plain(each, depth + 1)
    return plain


def _is_strict(schema: Any) -> bool:
    if isinstance(schema, Mapping):
        properties = schema.get("properties")
        if schema.get("type") == "object" or isinstance(properties, Mapping):
            if schema.get("additionalProperties") is not False:
                return False
            if set(schema.get("required", ())) != set(properties or ()):
                return False
        return all(map(_is_strict, schema.values()))
    if isinstance(schema, list):
        return all(map(_is_strict, schema))
    return True
