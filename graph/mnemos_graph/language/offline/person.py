"""Sentences that say "I", told of somebody by name, so that they stand on their own."""

from __future__ import annotations

import re

from mnemos_graph.language.offline.verbs import is_adverb, third_person, unshortened

UNNAMED = "The user"

_TOKEN = re.compile(r"[^\W_]+(?:['-][^\W_]+)*|\s+|.", re.DOTALL)
_QUOTED = re.compile(r"[\"“]([^\"”]*)[\"”]")
_ENGLISH = frozenset(
    [
        *("the", "a", "an", "and", "or", "of", "to", "in", "on", "at", "for", "with", "is", "are"),
        *("was", "were", "be", "been", "has", "have", "had", "do", "does", "did", "will", "would"),
        *("can", "this", "that", "these", "those", "it", "he", "she", "they", "you", "i", "my"),
        *("your", "his", "her", "their", "from", "by", "not", "so", "me", "we", "us", "what"),
        *("how", "who", "there", "here", "all", "just", "let", "no", "yes", "if", "but", "as"),
        *("about", "up", "out", "get", "got", "ever", "never", "always", "best", "good", "great"),
        *("nice", "really", "very", "too", "much", "more", "most", "than", "then", "now", "when"),
        *("why", "where", "only", "also", "again", "some", "any", "something", "nothing", "thanks"),
        *("sounds", "cool", "love", "every", "each", "next", "last", "new", "old", "haha", "lol"),
        *("congrats", "happy", "sorry", "please", "welcome", "enjoy", "well", "one", "our"),
    ]
)
_FOREIGN = frozenset(
    [
        "ich",
        "wir",
        "mein",
        "meine",
        "meinem",
        "meinen",
        "uns",
        "je",
        "nous",
        "mon",
        "mes",
        "suis",
        "yo",
        "soy",
        "estoy",
        "mis",
        "nosotros",
        "eu",
        "meu",
        "minha",
        "sou",
        "estou",
        "nós",
        "sono",
        "mio",
        "mia",
        "miei",
        "ik",
        "mijn",
        "wij",
        "jag",
        "mitt",
        "jeg",
        "mitt",
        "ja",
        "jestem",
        "mam",
        "moja",
        "mój",
    ]
)
"""How other languages say "I": enough to see that a sentence is not English."""
_FIRST_PERSON = frozenset(
    ["i", "i'm", "i've", "i'll", "i'd", "me", "my", "mine", "myself", "im", "ive"]
)
_UNTELLABLE = frozenset(
    [
        "we",
        "we're",
        "we've",
        "we'll",
        "we'd",
        "us",
        "our",
        "ours",
        "ourselves",
        "i'd",
        "mine",
        "im",
        "ive",
    ]
)
_SEVERAL = frozenset(["we", "we're", "we've", "we'll", "we'd", "us", "our", "ours", "ourselves"])


def is_first_person(sentence: str) -> bool:
    return not _words(sentence).isdisjoint(_FIRST_PERSON | _SEVERAL)


def by_name(sentence: str, name: str | None) -> str:
    """Return the sentence with the speaker's name for "I" and "my".

    Where that would need more grammar than there is here ("we", questions inside, rare forms), the
    sentence stays as it is, behind the name.
    """
    sentence = sentence.replace("’", "'")
    if not is_first_person(sentence):
        return f"{name}: {sentence}" if name and not is_english(sentence) else sentence
    told = None if _speaks_for_another(sentence) else _told(sentence, name)
    if told is None:
        return f"{name or UNNAMED}: {sentence}"
    return told[0].upper() + told[1:]


def _told(sentence: str, name: str | None) -> str | None:
    who = name or UNNAMED.lower()
    tokens = _TOKEN.findall(sentence)
    if not _UNTELLABLE.isdisjoint(token.lower() for token in tokens):
        return None
    out: list[str] = []
    verb_due = False
    for n, token in enumerate(tokens):
        if verb_due and not token.isspace() and not _may_stand_before_a_verb(token):
            verb = third_person(token.lower())
            if verb is None:
                return None
            out.append(verb)
            verb_due = False
            continue
        out.append(_renamed(token, who))
        verb_due = verb_due or token.lower() == "i" or _carries_on(tokens, n, out[0] == who)
    return None if verb_due else "".join(out)


def _may_stand_before_a_verb(word: str) -> bool:
    return is_adverb(word) or word.lower() in {"no", "longer"}


def _renamed(token: str, who: str) -> str:
    lower = token.lower()
    if short := unshortened(lower):
        return f"{who} {short}"
    if lower == "my":
        return f"{who}'s"
    return who if lower in {"i", "me", "myself"} else token


_CARRIED = frozenset(
    [
        "live",
        "work",
        "study",
        "speak",
        "love",
        "like",
        "hate",
        "enjoy",
        "prefer",
        "play",
        "have",
        "own",
        "teach",
        "run",
        "lead",
        "want",
        "need",
        "use",
        "drive",
        "drink",
        "eat",
        "collect",
        "write",
        "read",
    ]
)
"""Verbs that are none of the commonest nouns, or hardly after "I …s … and"."""


def _carries_on(tokens: list[str], n: int, begun: bool) -> bool:  # noqa: FBT001
    """Return whether token ``n`` is an "and" behind which the same "I" goes on with a verb."""
    if tokens[n].lower() != "and" or not begun:
        return False
    return "".join(tokens[n + 1 : n + 3]).strip().lower() in _CARRIED


def is_english(sentence: str) -> bool:
    words = {word.partition("'")[0] for word in _words(sentence)}
    return words.isdisjoint(_FOREIGN) and not words.isdisjoint(_ENGLISH)


def _speaks_for_another(sentence: str) -> bool:
    return any(is_first_person(quoted) for quoted in _QUOTED.findall(sentence))


def _words(sentence: str) -> set[str]:
    return {token.lower() for token in _TOKEN.findall(sentence.replace("’", "'"))}
