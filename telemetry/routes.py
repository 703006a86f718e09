"""One name for all addresses of a route: `/orders/1017?tab=2` and `/orders/[orderId]` are both `/orders/[id]`.

Logs, manifests and intake write the changing part of a path in different ways; evidence joins only if all of them end
in the same template.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import unquote

ID = "[id]"
REST = "[...slug]"
SLUG = "[slug]"
ROUTE_CHARS = 300

_PARAMETER = re.compile(r"^(?::\w+[?+]?|\{\w+(?::[^}]*)?\}|<(?:\w+:)?\w+>|\[\w+\]|\(\?P<\w+>.*\)|\$\{?\w+\}?)$")
_CATCH_ALL = re.compile(r"^(?:\[{1,2}\.\.\.\w+\]{1,2}|:\w+\*|\{\w+\*\}|\{\*\w+\}|<path:\w+>|\*{1,2})$")
_PARAMETER_STARTS = frozenset("[:{<*($")
_DIGIT = re.compile(r"\d")
_BETWEEN_WORDS = re.compile(r"[-_.~+ @,:=]")
_CUT = re.compile(r"[?#;]")
_UUID = re.compile(r"^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$", re.IGNORECASE)
_VERSION = re.compile(r"^v\d{1,3}(?:\.\d+)*(?:beta\d*|alpha\d*)?$", re.IGNORECASE)
_DATE_OR_NUMBER = re.compile(r"^[+-]?\d+(?:[.,:T_-]\d+)*Z?$")
_EXTENSION = re.compile(r"^(.+)(\.[A-Za-z][A-Za-z0-9]{0,5})$")
_HOST = re.compile(r"^[a-z][a-z0-9+.-]*://[^/?#]*", re.IGNORECASE)
# Build output: names change with each deployment and say nothing about the application.
_BUILT = ("/_next/static/", "/_next/data/", "/_nuxt/", "/static/", "/wp-content/", "/wp-includes/")


def is_identifier(segment: str) -> bool:
    """Whether a path segment names one thing (a number, a key, a slug with a number) rather than a part of the site."""
    if not _DIGIT.search(segment) or _VERSION.match(segment):
        return False
    if _DATE_OR_NUMBER.match(segment) or _UUID.match(segment):
        return True
    words = [word for word in _BETWEEN_WORDS.split(segment) if word]
    if len(words) > 1:
        return any(word.isdigit() or (len(word) >= 4 and is_identifier(word)) for word in words)
    # One word: a key is long or mostly digits; "oauth2", "base64" and "s3" are names.
    digits = len(_DIGIT.findall(segment))
    return len(segment) >= 16 or digits >= 4 or (len(segment) >= 8 and digits >= 3)


def _segment(segment: str) -> str:
    if segment.isdecimal():
        return ID
    if segment[0] in _PARAMETER_STARTS:
        if _CATCH_ALL.match(segment):
            return REST
        if _PARAMETER.match(segment):
            return ID
    if is_identifier(segment):
        named = _EXTENSION.match(segment)
        if named and not _DATE_OR_NUMBER.match(segment):
            return (ID if is_identifier(named[1]) else named[1]) + named[2]
        return ID
    return segment if len(segment) <= 80 else ID


@lru_cache(maxsize=16_384)
def route_of(path: str) -> str:
    """The route template of a path, an URL or another framework's template.

    Host, query, fragment, path parameters and a trailing slash go; identifiers and named parameters become `[id]`,
    catch-alls `[...slug]`. What does not start with a slash after that ("*", "host:443") comes back as it is.
    """
    if not path.startswith("/"):
        path = _HOST.sub("", path, count=1) or "/"
        if not path.startswith("/"):
            return path[:ROUTE_CHARS]
    if "<" not in path and "{" not in path:
        path = _CUT.split(path, maxsplit=1)[0]
    if "%" in path:
        path = unquote(path, errors="replace")
    if not path.isprintable():  # "%00" of a scanner: databases refuse NUL, and a page shows no control characters
        path = "".join(char if char.isprintable() else "\ufffd" for char in path)
    if path.startswith(_BUILT):
        return next(built for built in _BUILT if path.startswith(built)) + REST
    segments = [_segment(segment) for segment in path.split("/") if segment]
    return ("/" + "/".join(segments))[:ROUTE_CHARS]


def serving(path: str, templates: Iterable[str]) -> str | None:
    """The route that serves a path: literal segments win over `[id]`, and that over `[...slug]`.

    `templates` are as `route_of` gives them; the answer is one of them, or None.
    """
    segments = route_of(path).strip("/").split("/")
    best: tuple[tuple[int, ...], str] | None = None
    for route in templates:
        rank = _rank(segments, route.strip("/").split("/"))
        if rank is not None and (best is None or rank < best[0]):
            best = (rank, route)
    return best[1] if best else None


def _rank(segments: list[str], route: list[str]) -> tuple[int, ...] | None:
    """How loosely a route matches, segment by segment (0 literal, 1 parameter, 2 catch-all); None when it does not."""
    rank: list[int] = []
    for position, part in enumerate(route):
        if part == REST:
            return (*rank, 2)
        if position >= len(segments) or (part and not segments[position]):
            return None
        if part == segments[position]:
            rank.append(0)
        elif part in (ID, SLUG):
            rank.append(1)
        else:
            return None
    return tuple(rank) if len(route) == len(segments) else None


class RouteTable:
    """A bounded set of route templates for one file.

    A folder with more than `children` distinct names (article slugs, scanners' guesses) gives its further names one
    template, `folder/[slug]`; above `limit` templates even new folders fall together under `/[...slug]`. Which names
    came before depends on their order; `name` does not, as long as the table has not `overflown`.
    """

    def __init__(self, limit: int = 2000, children: int = 200) -> None:
        self._limit = limit
        self._children = children
        self._known: set[str] = set()
        self._count: dict[str, int] = {}
        self._full: set[str] = set()
        self.overflown = False

    def route(self, path: str) -> str:
        """The template to count this path under."""
        return self._template(route_of(path))

    def _template(self, route: str) -> str:
        if route in self._known:
            return route
        parent = route.rpartition("/")[0]
        crowded = self._count.get(parent, 0) >= self._children
        if not crowded and len(self._known) < self._limit:
            self._known.add(route)
            self._count[parent] = self._count.get(parent, 0) + 1
            return route
        if crowded:
            self._full.add(parent)
        else:
            self.overflown = True
        slug = f"{parent}/{SLUG}"
        if slug in self._known or len(self._known) < self._limit + self._children:
            self._known.add(slug)
            return slug
        self.overflown = True
        return "/" + REST

    def name(self, route: str) -> str:
        """The one name of a template in a folder with too many, else the template itself."""
        parent = route.rpartition("/")[0]
        return f"{parent}/{SLUG}" if parent in self._full else route

    def merge(self, other: "RouteTable") -> None:
        """Know what the other knows."""
        self._full |= other._full
        self.overflown = self.overflown or other.overflown
        for route in other._known:
            if not route.endswith(f"/{SLUG}"):
                self._template(route)

    def crowded(self, route: str, names: int) -> str | None:
        """`folder/[slug]` if the route stands in a folder with at least so many names, else None."""
        parent = route.rpartition("/")[0]
        return f"{parent}/{SLUG}" if self._count.get(parent, 0) >= names else None
