"""The `mnemos` command. Each subcommand is a module of its own, loaded when it is asked for."""

from mnemos.cli.group import Commands

main = Commands(
    "mnemos",
    help="Live memory for AI agents.",
    commands={
        "serve": "Serve GraphQL until interrupted.",
        "worker": "Work jobs off for the servers of a team.",
        "remember": "Take something in.",
        "recall": "Ask what is known.",
        "import": "Take in conversations, or what was exported.",
        "export": "Write everything that is known to a file.",
        "migrate": "Move everything to another store.",
        "reindex": "Build the search by meaning anew.",
        "ontology": "Show, set and delete what is to be noted of what is told.",
        "consolidate": "Find repeats and names that mean one, and summarize, at once.",
        "jobs": "List, show and retry jobs.",
        "keys": "Make, list and revoke API keys.",
        "schema": "Print the GraphQL schema.",
        "bench": "Measure.",
        "doctor": "Say what is wrong here, and what to do about it.",
    },
)
"""What ``mnemos`` and ``python -m mnemos`` run."""
