"""Ontologies: what an organization wants noted of what it tells, and in which words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from mnemos_graph.model.record import FieldType, Record, RecordKind, fields

ENTITY_TYPES = ("PERSON", "ORGANIZATION", "PLACE", "EVENT", "PRODUCT", "ANIMAL", "TOPIC")
"""Kinds of entity that everybody has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityType:
    name: str
    """In upper case with underscores: ``CLINICAL_TRIAL``."""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactType:
    name: str
    """The predicate, in lower case with underscores: ``takes_part_in``."""
    description: str = ""
    subjects: tuple[str, ...] = ()
    """Kinds of entity that it is said about; empty: any."""
    objects: tuple[str, ...] = ()
    """Kinds of entity that it leads to; empty: any, and values too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ontology(Record):
    """There is one of an organization at most, in the shared partition."""

    KIND: ClassVar[RecordKind] = RecordKind.ONTOLOGY
    INDEXED: ClassVar[Mapping[str, FieldType]] = fields(closed=FieldType.FLAG)

    instructions: str = ""
    """What is worth noting, to whoever reads for the organization."""
    entity_types: tuple[EntityType, ...] = ()
    fact_types: tuple[FactType, ...] = ()
    closed: bool = False
    """Whether nothing is noted but entities and facts of these types. A list that is empty
    closes nothing."""

    def natural_keys(self) -> tuple[str, ...]:
        return ("ontology",)
