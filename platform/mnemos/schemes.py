"""Which URLs choose which part, and which choices go together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from mnemos.part_url import PartUrl
from mnemos.settings import PREFIX, Settings, SettingsError


@dataclass(frozen=True, slots=True)
class Scheme:
    target: str
    """`module:name` of what opens it; empty where there is nothing to open."""
    form: str = ""
    """What a URL of this scheme looks like; empty for a part of this process."""
    look: str = ""
    """`module:name` of what looks at such a server and changes nothing."""
    keys: tuple[str, ...] = ()
    """Variables in which a key for it usually is."""

    @property
    def remote(self) -> bool:
        return bool(self.form)


def _neo4j(form: str) -> Scheme:
    look = "mnemos_graph.neo4j.looking:look_at_neo4j"
    return Scheme("mnemos_graph.neo4j:open_neo4j", form, look)


def _redis(form: str) -> Scheme:
    look = "mnemos_graph.redis.looking:look_at_redis"
    return Scheme("mnemos_graph.redis:open_redis", form, look)


def _chroma(form: str) -> Scheme:
    look = "mnemos_graph.vectors.chroma_looking:look_at_chroma"
    return Scheme("mnemos_graph.vectors.chroma_server:open_chroma_server", form, look)


STORES: Mapping[str, Scheme] = {
    "sqlite": Scheme("mnemos_graph.sqlite:open_sqlite"),
    "neo4j": _neo4j("neo4j://USER:PASSWORD@HOST:7687"),
    "neo4j+s": _neo4j("neo4j+s://USER:PASSWORD@HOST:7687"),
    "bolt": _neo4j("bolt://USER:PASSWORD@HOST:7687"),
}
VECTORS: Mapping[str, Scheme] = {
    "chroma": Scheme("mnemos_graph.vectors.chroma:open_chroma"),
    "http": _chroma("http://HOST:8000"),
    "https": _chroma("https://TOKEN@HOST"),
    "none": Scheme(""),
}
BUSES: Mapping[str, Scheme] = {
    "local": Scheme("mnemos_graph.feed:LocalBus"),
    "redis": _redis("redis://HOST:6379"),
    "rediss": _redis("rediss://HOST:6379"),
    "redis+sentinel": _redis("redis+sentinel://HOST:26379,HOST:26379/SERVICE"),
    "redis+cluster": _redis("redis+cluster://HOST:6379"),
}
_HOSTED = "mnemos.hosted_embedder:open_embedder"
EMBEDDERS: Mapping[str, Scheme] = {
    "local": Scheme("mnemos_graph.language.minilm:open_minilm"),
    "openai": Scheme(_HOSTED, "openai:MODEL", keys=("OPENAI_API_KEY",)),
    "http": Scheme(_HOSTED, "http://HOST/v1?model=MODEL"),
    "https": Scheme(_HOSTED, "https://HOST/v1?model=MODEL"),
    "none": Scheme(""),
}
_OWN_MODEL = Scheme(
    "mnemos_graph.language.models.openai:open_compatible", "https://HOST/v1?model=M"
)
MODELS: Mapping[str, Scheme] = {
    "offline": Scheme("mnemos_graph.language.offline.extractor:OfflineExtractor"),
    "none": Scheme(""),
    "anthropic": Scheme(
        "mnemos_graph.language.models.anthropic:open_anthropic",
        "anthropic:MODEL",
        keys=("ANTHROPIC_API_KEY",),
    ),
    "openai": Scheme(
        "mnemos_graph.language.models.openai:open_openai",
        "openai:MODEL",
        keys=("OPENAI_API_KEY",),
    ),
    "gemini": Scheme(
        "mnemos_graph.language.models.gemini:open_gemini",
        "gemini:MODEL",
        keys=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    ),
    "azure": Scheme(
        "mnemos_graph.language.models.openai:open_azure",
        "azure://RESOURCE.openai.azure.com/NAME",
        keys=("AZURE_OPENAI_API_KEY",),
    ),
    "http": _OWN_MODEL,
    "https": _OWN_MODEL,
}

_PARTS: Mapping[str, Mapping[str, Scheme]] = {
    "store": STORES,
    "bus": BUSES,
    "vectors": VECTORS,
    "embedder": EMBEDDERS,
    "embedder_previous": EMBEDDERS,
    "model": MODELS,
}


def check(settings: Settings) -> None:
    """Complain about a URL that names no part that there is, and about choices that contradict.

    Raises:
        SettingsError: it names the setting, and what it may be.
    """
    for part in _PARTS:
        chosen(settings, part)
    links(settings)
    for contradiction in _CONTRADICTIONS:
        if told := contradiction(settings):
            raise SettingsError(told)


def chosen(settings: Settings, part: str) -> Scheme:
    """Return what was chosen for a part, such as `store`, `vectors` or `embedder`.

    Raises:
        SettingsError: the URL names none that there is.
    """
    url: PartUrl = getattr(settings, part)
    return _chosen(part, url)


def links(settings: Settings) -> list[tuple[Scheme, PartUrl]]:
    """Return the language models that were chosen, each for when those before it cannot answer.

    Raises:
        SettingsError: a URL names none that there is.
    """
    urls = [PartUrl(each.strip()) for each in settings.model.whole.split(",")]
    found = [(_chosen("model", url), url) for url in urls]
    if len(found) == 1 and not found[0][0].remote:
        return []
    for scheme, url in found:
        if not scheme.remote:
            raise SettingsError(f"{named('model')} has {url} among language models. Leave it out.")
    return found


def _chosen(part: str, url: PartUrl) -> Scheme:
    known = _PARTS[part]
    scheme = known.get(url.scheme)
    if scheme is None or ":" not in url.whole or (url.rest and not scheme.remote):
        choices = " or ".join(f"{each}:" for each in known)
        near = get_close_matches(url.scheme, known, n=1)
        hint = f" Did you mean {near[0]}:?" if near else ""
        raise SettingsError(f"{named(part)} is {str(url)!r}. Give {choices}.{hint}")
    if scheme.remote and not url.rest.removeprefix("//"):
        raise SettingsError(f"{named(part)} is {str(url)!r}, without a place. Give {scheme.form}.")
    return scheme


def owns_folder(settings: Settings) -> bool:
    """Return whether a part is kept in the data folder, which is one process's alone then."""
    parts = (chosen(settings, part) for part in ("store", "vectors"))
    return any(scheme.target and not scheme.remote for scheme in parts)


def named(part: str) -> str:
    """Return the name of a setting, as it is written in the environment."""
    return f"{PREFIX}{part.upper()}"


def _own_parts_of_many(settings: Settings) -> str | None:
    """Each of several workers would have its own of what is opened within a process."""
    if settings.workers == 1:
        return None
    return _own_part(
        settings, ("store", "vectors", "bus"), f"{named('workers')} is {settings.workers}"
    )


def _own_parts_behind_a_bus(settings: Settings) -> str | None:
    """A bus between processes says that there are several, be it on other machines."""
    if not chosen(settings, "bus").remote:
        return None
    return _own_part(
        settings, ("store", "vectors"), f"{named('bus')} is {settings.bus}, between processes"
    )


def _own_part(settings: Settings, parts: Iterable[str], because: str) -> str | None:
    for part in parts:
        scheme = chosen(settings, part)
        if scheme.target and not scheme.remote:
            server = next(each.form for each in _PARTS[part].values() if each.remote)
            alone = (
                f"{named('workers')} to 1" if settings.workers > 1 else f"{named('bus')} to local:"
            )
            return (
                f"{because}, and only one process may own {named(part)} {getattr(settings, part)}. "
                f"Set {named(part)} to {server}, or {alone}."
            )
    return None


_CONTRADICTIONS: tuple[Callable[[Settings], str | None], ...] = (
    _own_parts_of_many,
    _own_parts_behind_a_bus,
)
