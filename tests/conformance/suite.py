"""The suite that makes a backend a ``GraphStore``: inherit all of it and give a ``store``."""

from __future__ import annotations

from tests.conformance.commits import CommitPromises
from tests.conformance.graph_reads import GraphPromises
from tests.conformance.log import LogPromises
from tests.conformance.questions import QuestionPromises


class GraphStoreSuite(CommitPromises, LogPromises, QuestionPromises, GraphPromises):
    """Inherit, and give a ``store`` fixture that yields an empty store."""
