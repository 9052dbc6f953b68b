"""As much of English verbs as turning "I" into a name needs."""

from __future__ import annotations

import re

_UNCHANGED = frozenset(
    [
        "can",
        "could",
        "will",
        "would",
        "shall",
        "should",
        "may",
        "might",
        "must",
        "used",
        "had",
        "did",
        "was",
        "were",
        "cannot",
        "can't",
        "couldn't",
        "won't",
        "wouldn't",
        "shouldn't",
        "mightn't",
        "mustn't",
        "hadn't",
        "didn't",
        "wasn't",
        "weren't",
        "ought",
        "went",
        "came",
        "saw",
        "got",
        "made",
        "took",
        "gave",
        "found",
        "told",
        "became",
        "began",
        "brought",
        "built",
        "bought",
        "caught",
        "chose",
        "did",
        "drank",
        "drove",
        "ate",
        "fell",
        "felt",
        "fought",
        "forgot",
        "froze",
        "gave",
        "grew",
        "heard",
        "held",
        "hid",
        "kept",
        "knew",
        "laid",
        "led",
        "left",
        "lent",
        "lost",
        "meant",
        "met",
        "paid",
        "rode",
        "rang",
        "rose",
        "ran",
        "said",
        "sold",
        "sent",
        "shot",
        "showed",
        "slept",
        "spoke",
        "spent",
        "stood",
        "stole",
        "swam",
        "taught",
        "thought",
        "threw",
        "understood",
        "woke",
        "wore",
        "won",
        "wrote",
        "broke",
        "bled",
        "blew",
        "bound",
        "bred",
        "burnt",
        "clung",
        "crept",
        "dealt",
        "dug",
        "drew",
        "dreamt",
        "dwelt",
        "fed",
        "fled",
        "flew",
        "ground",
        "hung",
        "knelt",
        "learnt",
        "lit",
        "rebuilt",
        "sang",
        "sank",
        "sat",
        "shook",
        "shone",
        "sought",
        "spun",
        "spelt",
        "split",
        "sprang",
        "stuck",
        "stung",
        "struck",
        "swore",
        "swept",
        "swung",
        "tore",
        "wept",
        "withdrew",
        "wound",
        "let",
        "put",
        "quit",
        "set",
        "cut",
        "hit",
        "hurt",
        "cost",
        "shut",
        "read",
    ]
)
"""Looks the same for "I" and for a name: helpers, and pasts that do not end in -ed.

"let", "put" and their like are read as past: an agent is told more often what was done.
"""
_IRREGULAR = {
    "am": "is",
    "have": "has",
    "do": "does",
    "don't": "doesn't",
    "haven't": "hasn't",
    "go": "goes",
    "ain't": "isn't",
}
_SHORT = {"i'm": "is", "i've": "has", "i'll": "will"}
_ED_BUT_PRESENT = frozenset(
    [
        "need",
        "feed",
        "breed",
        "bleed",
        "speed",
        "heed",
        "seed",
        "weed",
        "embed",
        "proceed",
        "exceed",
    ]
)
_LY_BUT_VERB = frozenset(
    ["rely", "apply", "reply", "supply", "comply", "imply", "fly", "multiply", "bully", "rally"]
)
ADVERBS = frozenset(
    [
        "also",
        "just",
        "now",
        "still",
        "even",
        "only",
        "always",
        "never",
        "often",
        "sometimes",
        "rarely",
        "seldom",
        "soon",
        "once",
        "then",
        "already",
        "almost",
        "kind",
        "sort",
        "both",
        "first",
        "kinda",
        "sorta",
        "all",
        "too",
        "ever",
        "mainly",
        "sadly",
        "luckily",
        "thankfully",
        "not",
    ]
)
_PLAIN_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


def is_adverb(word: str) -> bool:
    lower = word.lower()
    return lower in ADVERBS or (lower.endswith("ly") and lower not in _LY_BUT_VERB)


def third_person(verb: str) -> str | None:
    """Return the form that follows a name for the one that follows "I"; None where unsure."""
    if not _PLAIN_WORD.fullmatch(verb):
        return None
    if verb in _UNCHANGED or (verb.endswith("ed") and verb not in _ED_BUT_PRESENT):
        return verb
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    return None if "'" in verb or len(verb) < 3 else _with_s(verb)


def _with_s(verb: str) -> str:
    if verb.endswith(("s", "x", "z", "ch", "sh")):
        return f"{verb}es"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return f"{verb[:-1]}ies"
    return f"{verb}s"


def unshortened(word: str) -> str | None:
    """Return the third person's verb inside "I'm", "I've" or "I'll"."""
    return _SHORT.get(word)
