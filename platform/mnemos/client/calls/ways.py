"""How an organization wants things done: templates of contexts, and its ontology."""

from __future__ import annotations

from collections.abc import Sequence

from mnemos.client import fragments
from mnemos.client.call import Call
from mnemos.client.inputs import EntityType, FactType, given
from mnemos.client.results import Deleted, Ontology, OntologyWritten, Template, TemplateWritten

_TEMPLATES = f"query Templates {{ templates {{ {fragments.TEMPLATE} }} }}"

_SET_TEMPLATE = f"""mutation SetTemplate(
  $name: String!, $text: String!, $expectedVersion: Int
) {{
  setTemplate(name: $name, text: $text, expectedVersion: $expectedVersion) {{
    template {{ {fragments.TEMPLATE} }} position
  }}
}}"""

_DELETE_TEMPLATE = """mutation DeleteTemplate($name: String!) {
  deleteTemplate(name: $name) { deletedCount position }
}"""

_ONTOLOGY = f"query Ontology {{ ontology {{ {fragments.ONTOLOGY} }} }}"

_SET_ONTOLOGY = f"""mutation SetOntology($input: OntologyInput!, $expectedVersion: Int) {{
  setOntology(input: $input, expectedVersion: $expectedVersion) {{
    ontology {{ {fragments.ONTOLOGY} }} position
  }}
}}"""

_DELETE_ONTOLOGY = "mutation DeleteOntology { deleteOntology { deletedCount position } }"


def templates() -> Call[tuple[Template, ...]]:
    """Return every template of the organization, by name."""
    return Call(document=_TEMPLATES, answer="templates", kind=tuple[Template, ...])


def set_template(
    name: str, text: str, *, expected_version: int | None = None
) -> Call[TemplateWritten]:
    """Keep a template under a name, in place of the one that was there, if it works; for admins."""
    return Call(
        document=_SET_TEMPLATE,
        answer="setTemplate",
        kind=TemplateWritten,
        variables={"name": name, "text": text, "expectedVersion": expected_version},
    )


def delete_template(name: str) -> Call[Deleted]:
    """Delete a template; for admins."""
    return Call(
        document=_DELETE_TEMPLATE,
        answer="deleteTemplate",
        kind=Deleted,
        variables={"name": name},
    )


def ontology() -> Call[Ontology | None]:
    """Return what the organization wants noted of what it tells; None: it has not said."""
    return Call(document=_ONTOLOGY, answer="ontology", kind=Ontology | None)


def set_ontology(
    *,
    instructions: str = "",
    entity_types: Sequence[EntityType] = (),
    fact_types: Sequence[FactType] = (),
    closed: bool = False,
    expected_version: int | None = None,
) -> Call[OntologyWritten]:
    """Keep an ontology in place of the one that was there; for admins."""
    new = given(
        instructions=instructions,
        entity_types=entity_types,
        fact_types=fact_types,
        closed=closed,
    )
    return Call(
        document=_SET_ONTOLOGY,
        answer="setOntology",
        kind=OntologyWritten,
        variables={"input": new, "expectedVersion": expected_version},
    )


def delete_ontology() -> Call[Deleted]:
    """Delete the ontology; for admins."""
    return Call(document=_DELETE_ONTOLOGY, answer="deleteOntology", kind=Deleted)
