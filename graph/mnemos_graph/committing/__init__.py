"""What every backend does with a change set: prepare it, check it, number it.

A backend loads a ``Ledger`` for a group of sets, lets ``admit`` take them in one by one, and keeps
what ``admit`` hands to its ``Outcome``, as rows or as nodes. No promise of ``GraphStore.commit`` is
written twice.
"""

from mnemos_graph.committing.checks import check, ended
from mnemos_graph.committing.entries import Entry
from mnemos_graph.committing.forms import BODIES, Body, bodies_of, body_of, digests
from mnemos_graph.committing.ledger import Held, Ledger
from mnemos_graph.committing.needed import Needed
from mnemos_graph.committing.numbering import Made, Outcome, admit
from mnemos_graph.committing.restoring import needed_for, restore
from mnemos_graph.committing.wanted import Prepared, Wanted

__all__ = [
    "BODIES",
    "Body",
    "Entry",
    "Held",
    "Ledger",
    "Made",
    "Needed",
    "Outcome",
    "Prepared",
    "Wanted",
    "admit",
    "bodies_of",
    "body_of",
    "check",
    "digests",
    "ended",
    "needed_for",
    "restore",
]
