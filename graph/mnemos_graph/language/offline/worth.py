"""What kind of saying a sentence is, and so what may be taken from it."""

from __future__ import annotations

import re
from enum import Enum, auto

from mnemos_graph.language.offline.dates import Moment
from mnemos_graph.language.offline.foreign import foreign
from mnemos_graph.language.offline.names import entities
from mnemos_graph.language.offline.person import is_english, is_first_person


class Worth(Enum):
    NOTHING = auto()
    MEMORY = auto()
    """Worth keeping, but states no fact: a wish, a rumour, a denial."""
    FACTS = auto()
    STANDING_WISH = auto()
    """How the user wants to be served from now on."""


_I = re.IGNORECASE
_LEAD = re.compile(
    r"^(?:(?i:actually|well|no|nope|yes|yeah|yep|oh|ah|so|wow|haha|lol|ok|okay|sure|thanks(?: [a-z]+)?"
    r"|thank you|sorry|right|true|anyway|anyways|also|and|but|(?:and )?btw|by the way|fyi|great|cool|nice"
    r"|correction|hm+|um+|uh+|hi|hey|hello|good (?:morning|evening|afternoon)|to be honest|honestly"
    r"|just so you know|for the record|fun fact|as i said|remember|i mean|you know|perfect|awesome|amazing|gotcha"
    r"|guess what|big news|good news|no way|please|did i mention|arr)"
    r"(?:[, ]+(?:there|everyone|all|again|[A-Z]\w+))?\s*[,:!.…–—-]+\s*)+"
)
_RUN_ON = re.compile(
    r"^(?:(?:nah|omg|okay so|ok so|so|well|haha|yeah|yep|lol|hey|no|and|but|anyway|oh|actually|btw|by the way) )+(?=(?:i|im|i'm|i've|my|we|our)\b)",
    _I,
)
"""A filler without a comma behind it, as people type."""
_REMEMBER = re.compile(
    r"^(?:please |can you |could you )?(?:remember|note|keep in mind|don't forget|be aware"
    r"|you should know|i want you to (?:know|remember)|fyi|make a note)(?: that| this)?\s*:?\s+"
    r"(?!to\b|when\b|how\b|what\b|the time\b|me\b|you\b)",
    _I,
)
_FORGET = re.compile(
    r"^(?:(?:please|actually|now|ok|okay|hey)[, ]+)*(?:(?:can|could|would|will) you (?:please )?"
    r"|i (?:want|need|would like|'d like) you to )?(?:please )?"
    r"(?:forget|erase|delete)(?: (?:about|everything about|all about))? (?:the fact )?(?:that )?(?P<what>.+)$",
    _I,
)
_TAG = re.compile(r"^((?:I|I'm|I've|My|We|we|my|I’m|I’ve)\s[^?]{10,}?)\s*[-,–—]\s*[^,?–—]{0,25}\?$")
_NOT_NAMED = re.compile(
    r"^(?:it|that|this|about it|me|everything|all|all (?:previous|prior|your) .*|to .*)$", _I
)
_QUESTION = re.compile(
    r"[?？؟;]\s*[\"')\]]*$|^(?:what|where|when|who|whom|whose|which|why|how|do|does|did|is|are|was|were|can"
    r"|could|would|will|should|shall|have|has|had|am|isn't|aren't|don't|doesn't|didn't|won't"
    r"|any(?:one|body)?)\s+(?:i|you|we|he|she|it|they|the|a|an|my|your|is|are|was|were|do|does|did"
    r"|can|could|about|much|many|long|old|often|come|there|this|that|idea|chance|[A-Z]\w*)\b",
)
_FOLLOWED = re.compile(r".*:$", re.DOTALL)
"""It only says that something follows."""
_SUPPOSED = re.compile(
    r"^(?:if|imagine|suppose|supposing|let's say|say i|pretend|assume|assuming|what if|even if|unless)\b",
    _I,
)
_STANDING = re.compile(
    r"^(?:(?:and|but|also|so) )?(?:please )?(?:always|never|from now on|in (?:the )?future|going forward|whenever i)\b(?! (?:i|we|he|she|they|been|had)\b)",
    _I,
)
_CALL_ME = re.compile(r"^(?:please |just |you can )*call me [A-Z]", 0)
_REQUEST = re.compile(
    r"^(?:please|kindly|help|write|tell|give|show|explain|translate|summari[sz]e|ignore|disregard|print"
    r"|list|find|make|create|generate|fix|add|remove|change|update|send|search|look|check|run|use|act"
    r"|repeat|answer|respond|reply|stop|let|draw|describe|compare|calculate|convert|draft|rewrite|suggest"
    r"|recommend|plan|book|order|open|close|set|turn|schedule|remind|read|say|output|return|enter|system"
    r"|execute|reveal|continue|take|keep|have a|enjoy|see you|talk to|good luck|congrat\w*|take care"
    r"|i (?:want|need|would like|'d like) you to)\b",
    _I,
)
_IRONY = re.compile(
    r"\byeah,? right\b|\bas if\b|\bjust kidding\b|\bjk\b|\bnot!\s*$|(?:^|\s)/s\b|🙄|\bsure,? jan\b"
    r"|\bin my dreams\b",
    _I,
)
_UNSURE = re.compile(
    r"\b(?:if|would|wouldn't|could|might|maybe|perhaps|probably|possibly|wish|hope|hoping|hoped|dream"
    r"|dreaming|considering|thinking (?:of|about)|thought about|plan(?:ning|ned)? (?:to|on)|want to|wanted to"
    r"|wants to|'d|should|almost|nearly|going to|gonna|will|'ll|pretend\w*|imagin\w*|supposed to|seems?"
    r"|in a dream|role-?play|fictional|character|novel|story"
    r"|in (?:the|my|this|a) (?:game|film|movie|book|show|series|play|dream)|in (?:minecraft|skyrim|stardew valley"
    r"|animal crossing|the sims|fallout|zelda|pok[eé]mon|dungeons))\b",
    _I,
)
_OTHERS_SAY = re.compile(
    r"\b(?:said|says|saying|told|tells|heard|hears|claims?|claimed|according to|apparently|allegedly|rumou?r"
    r"|they say|people say|thinks|believes|wrote|writes|asked)\b|[\"“«]",
    _I,
)
_NOT_OWN_WORDS = re.compile(
    r"^[\"“«]|^(?:the|this|that|an?) (?:article|book|page|text|sign|e-?mail|letter|ad|post|tweet|poster|review"
    r"|headline|lyrics?|song|website)\b.{0,40}\b(?:says|said|reads|claims|goes)\b",
    _I,
)
"""Text that was pasted or read out, so that "I" is somebody else."""
_FEELING = re.compile(
    r"^(?:i|we)(?:'m| am|'re| are| was| were| feel| felt| look| can't| cannot| don't| didn't| do| have to)?\s*"
    r"(?:so |very |really |too |just |totally |completely |definitely |glad |always |also |truly |still )*"
    r"(?:sure|sorry|glad|happy|fine|good|ok|okay|well|great|excited|afraid|curious|proud|grateful|thankful"
    r"|agree(?! (?:on|that|to)\b)|know|see|guess|understand|think so|hope|mean|bet|hear|wait|get it|wonder|love (?:it|that|this)"
    r"|got (?:it|this|that)|like (?:it|that|this)(?! (?:at|when|with|in)\b)|appreciate|thank|believe (?:it|that|in you)|feel (?:you|the same)|back|here"
    r"|swamped|tired|done|ready|lost|confused|blown away|impressed|look forward|agreed(?! (?:on|that|to)\b)|say|checked|tried that)\b",
    _I,
)
_TO_YOU = re.compile(r"\b(?:you|your|yours|yourself|you're|you've|you'll)\b", _I)
_VAGUE_START = re.compile(
    r"^(?:it|it's|that|that's|this|these|those|there|he|she|they|he's|she's|they're|what|such|so|here)\b",
    _I,
)


def without_lead(sentence: str) -> str:
    """Return the sentence without the greeting or filler before it, or "remember that"."""
    bare = _TAG.sub(r"\1.", _RUN_ON.sub("", _LEAD.sub("", sentence)))
    return _REMEMBER.sub("", bare)


def asks_to_remember(sentence: str) -> bool:
    return _REMEMBER.match(_LEAD.sub("", sentence)) is not None


def to_forget(sentence: str) -> str | None:
    """Return what the sentence asks to forget, as it names it; None where it asks no such thing."""
    found = _FORGET.match(sentence.replace("’", "'"))
    if found is None:
        return None
    what = found["what"].strip(" .!?,;:\"'")
    return None if not what or _NOT_NAMED.match(what) else what


def judge(sentence: str, times: list[Moment]) -> Worth:
    """Say what may be taken from a sentence of the user, given without its lead."""
    plain = sentence.replace("’", "'")
    said = not any(pattern.match(plain) for pattern in (_SUPPOSED, _NOT_OWN_WORDS, _FOLLOWED))
    if not said or _IRONY.search(plain):
        return Worth.NOTHING
    if _STANDING.match(plain) and len(plain.split()) > 2 and not plain.endswith("?"):
        return Worth.STANDING_WISH
    if _CALL_ME.match(plain):
        return Worth.FACTS
    if _REQUEST.match(plain) and _OWN_CONTACT.search(plain):
        return Worth.FACTS
    if is_question(plain) or _REQUEST.match(plain) or _TROUBLE.search(plain):
        return Worth.NOTHING
    return _of_saying(plain, times)


def _of_saying(plain: str, times: list[Moment]) -> Worth:
    if any(foreign(plain)) and not is_english(plain):
        return Worth.FACTS
    if not _has_content(plain, times):
        return Worth.NOTHING
    if tells_of_others(plain) or not sure_parts(plain):
        return Worth.MEMORY
    return Worth.FACTS


def sure_parts(sentence: str) -> list[str]:
    """Return the parts that state something as it is: "I live in Bergen" of "…, but may move"."""
    if not _UNSURE.search(sentence):
        return [sentence]
    return [part for part in _STRONG.split(sentence) if not _UNSURE.search(part)]


def tells_of_others(sentence: str) -> bool:
    """Return whether a sentence gives what somebody else said or thinks."""
    return _OTHERS_SAY.search(sentence) is not None


def is_question(sentence: str) -> bool:
    lowered = sentence[:1].lower() + sentence[1:]
    return _QUESTION.search(lowered) is not None


def speaks_to_you(sentence: str) -> bool:
    return _TO_YOU.search(sentence) is not None


def _has_content(sentence: str, times: list[Moment]) -> bool:
    if not is_english(sentence) and not is_first_person(sentence):
        return _foreign_content(sentence)
    if _FEELING.match(sentence) and len(sentence.split()) < 9:
        return False
    if _VAGUE_START.match(sentence) and not _I_DO.search(sentence):
        return False
    names_something = times or any(each.name.lower() not in _MERE for each in entities(sentence))
    if is_first_person(sentence) and not _PROMISE.match(sentence):
        return len(sentence.split()) >= 2
    return bool(names_something) and len(sentence.split()) >= 3


_OWN_CONTACT = re.compile(r"\bmy (?:\w+ )?(?:e-?mail|phone|number)\b.*(?:\w@\w|\d{5})", _I)
"""A request that tells how the speaker is reached is kept for that."""
_STRONG = re.compile(r"[;.!?]\s+|,?\s+(?:but|although|though|whereas)\s+")
"""Between parts of a sentence of which one can be unsure and the other is not."""
_TROUBLE = re.compile(
    r"\b(?:get(?:ting)?|see(?:ing)?|got|throws?|have|having) (?:an? |the |this |these |some )?\w*(?:Error|Exception|error|exception|bug|traceback|warning)s?\b"
    r"|\b(?:line|row|column) \d+\b"
)
"""Of the task at hand, and over with it."""

_I_DO = re.compile(r"\b(?:I|we|my|our)\b", re.IGNORECASE)
_PROMISE = re.compile(
    r"^(?:I|we)(?:'ll| will| won't|'m gonna| am gonna)\b|^(?:glad|happy|proud|sorry|hope|hoping|excited|sounds|looks|can't wait|love|so)\b",
    re.IGNORECASE,
)
_MERE = frozenset({"ai", "lol", "omg", "tv"})


def _foreign_content(sentence: str) -> bool:
    letters = [character for character in sentence if character.isalpha()]
    if not letters:
        return False
    if max(letters) > "\u024f":  # behind the Latin letters
        return len(letters) >= 6
    return len(sentence.split()) >= 4 or any(map(str.isdigit, sentence))
