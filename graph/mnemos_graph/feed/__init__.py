"""The log as a stream, over a local or shared bus."""

from mnemos_graph.feed import cursor
from mnemos_graph.feed.bus import Bus, LocalBus
from mnemos_graph.feed.feed import Feed, FeedPage
from mnemos_graph.feed.follower import Follower, Watcher
from mnemos_graph.feed.journal import Journal, handing_over
from mnemos_graph.feed.subjects import Subjects

__all__ = [
    "Bus",
    "Feed",
    "FeedPage",
    "Follower",
    "Journal",
    "LocalBus",
    "Subjects",
    "Watcher",
    "cursor",
    "handing_over",
]
