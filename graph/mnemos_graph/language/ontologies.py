"""What an ontology lets through of what was extracted. It holds for whoever extracted it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from mnemos_graph.language.extractor import CandidateEntity, CandidateFact, Extraction
from mnemos_graph.model import ENTITY_TYPES, Ontology


def kinds_of(ontology: Ontology | None) -> tuple[str, ...]:
    """Return the kinds that an entity may have."""
    own = [each.name for each in ontology.entity_types] if ontology else []
    if ontology and ontology.closed and own:
        return tuple(own)
    return tuple(dict.fromkeys((*ENTITY_TYPES, *own)))


def predicates_of(ontology: Ontology | None) -> tuple[str, ...]:
    """Return the predicates that a fact may have; empty: any."""
    if ontology is None or not ontology.closed:
        return ()
    return tuple(each.name for each in ontology.fact_types)


def within(found: Extraction, ontology: Ontology | None) -> Extraction:
    """Return what of it the ontology knows; ``left_out`` counts the facts that it does not.

    Without an ontology the kinds are those that everybody has, and predicates are free.

    Memories stay: they are sentences. Only the entities that they name are looked at.
    """
    kinds, predicates = kinds_of(ontology), predicates_of(ontology)
    types = {each.name: each for each in ontology.fact_types} if ontology else {}

    def fits(fact: CandidateFact) -> bool:
        type_ = types.get(fact.predicate)
        if predicates and type_ is None:
            return False
        named = (fact.subject, *([fact.object] if fact.object else []))
        if _known(named, kinds) != named:
            return False
        if type_ is None:
            return True
        if type_.subjects and fact.subject.kind not in type_.subjects:
            return False
        return not type_.objects or bool(fact.object and fact.object.kind in type_.objects)

    facts = tuple(each for each in found.facts if fits(each))
    return replace(
        found,
        memories=tuple(
            replace(each, entities=_known(each.entities, kinds)) for each in found.memories
        ),
        entities=_known(found.entities, kinds),
        facts=facts,
        left_out=found.left_out + len(found.facts) - len(facts),
    )


def _known(
    entities: Iterable[CandidateEntity], kinds: Collection[str]
) -> tuple[CandidateEntity, ...]:
    return tuple(each for each in entities if each.kind in kinds)
