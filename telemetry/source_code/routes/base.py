"""A route in code: its path, its methods, and the functions that answer it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from telemetry.routes import route_of
from telemetry.source_code.model import Function, SourceFile

WEBHOOK = frozenset({"webhook", "webhooks", "hook", "hooks"})
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


@dataclass(eq=False, slots=True)
class Route:
    """`guards` are names of what stands before the handlers: wrappers, middleware, decorators. `complete` is False when
    a part of what answers lies in a package or could not be found, so that the absence of something tells nothing.
    `placed` is False when only a part of the path is known."""

    path: str
    file: SourceFile
    line: int
    methods: tuple[str, ...] = ()
    handlers: list[Function] = field(default_factory=list)
    guards: tuple[str, ...] = ()
    page: bool = False
    complete: bool = True
    placed: bool = True
    framework: str = ""
    max_duration: float | None = None
    runtime: str | None = None
    dynamic: str | None = None

    @property
    def name(self) -> str:
        """The route as logs and inventories name it; what is not known whole is named by its file."""
        return route_of(self.path) if self.placed else f"{self.file.path}:{self.path}"

    @property
    def words(self) -> set[str]:
        """The segments of the path, lower case."""
        return {part.lower() for part in self.path.split("/") if part}

    @property
    def webhook(self) -> bool:
        """Whether another system calls it, by its name; an OAuth callback is called by a browser."""
        words = {word.strip("[]:<>{}.") for word in self.words}
        return bool(words & WEBHOOK) and (not self.methods or "POST" in self.methods)


def joined(*parts: str) -> str:
    """Parts of a path as one path."""
    return "/" + "/".join(piece for part in parts for piece in part.strip("/").split("/") if piece)


def known_methods(names: Iterable[str]) -> tuple[str, ...]:
    """The names that are HTTP methods, upper case and sorted."""
    return tuple(sorted({name.upper() for name in names} & METHODS))
