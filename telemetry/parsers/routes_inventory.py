"""Routes as every carrier of an inventory collects them: one row a path, bounded, with what its name tells."""

import re
from collections.abc import Iterable

from telemetry.evidence import Evidence, ParseResult, Place
from telemetry.routes import route_of

# Above this many paths the further ones share one row; the largest application seen had 1,400.
MAX_ROUTES = 5_000
# Pages that the framework adds by itself, and files that are no route of the application.
NOISE = frozenset({"/_not-found", "/_global-error", "/_error", "/_document", "/_app", "/_middleware", "/404", "/500"})
_FILES = re.compile(
    r"/(?:favicon\.ico|icon\d*|apple-icon\d*|opengraph-image\d*|twitter-image\d*|[\w-]+\.(?:ico|png|jpg|svg)"
    r"|robots\.txt|sitemap\.xml|manifest\.(?:json|webmanifest))(?:-[0-9a-z]{6})?\Z"
)
WEBHOOK = frozenset({"webhook", "webhooks", "hook", "hooks", "callback", "callbacks"})
AUTH = frozenset(
    {"auth", "login", "signin", "sign-in", "logout", "signup", "sign-up", "register", "password", "forgot-password"}
    | {"reset-password", "session", "sessions", "oauth", "otp", "mfa", "token", "verify-email"}
)


def is_noise(path: str) -> bool:
    """Whether the framework added this path by itself, or it is a file."""
    return path in NOISE or path.startswith("/rails/") or bool(_FILES.search(path))


def under_api(path: str) -> bool:
    """Whether a path lies in the part of an application that is called by programs, by its name."""
    return "api" in path.lower().split("/")


class Inventory:
    """The routes of one file. A path that is listed twice (for two methods) is one route with two endpoints."""

    def __init__(self, result: ParseResult) -> None:
        self.endpoints = 0  # pairs of method and path, where the carrier tells methods
        self.noise = 0
        self._result = result
        self._rows: dict[str, Evidence] = {}
        self._more: set[str] = set()
        self._more_place: Place | None = None
        self._more_api = 0

    def add(
        self,
        path: str,
        place: Place,
        *,
        api: bool,
        methods: Iterable[str] = (),
        metrics: dict[str, float] | None = None,
        **attrs: object,
    ) -> None:
        """List a path; what the framework adds is only counted. `metrics` and `attrs` are further facts about it."""
        if is_noise(path):
            self.noise += 1
            return
        verbs = [method.upper() for method in methods]
        self.endpoints += len(verbs)
        known = self._rows.get(path)
        if known is None and len(self._rows) >= MAX_ROUTES:
            self._more_api += api and path not in self._more
            self._more.add(path)
            self._more_place = self._more_place or place
            return
        told: dict[str, object] = dict(known.attrs) if known else _by_name(path, api)
        if verbs:
            seen = told.get("methods")
            told["methods"] = sorted({*(seen if isinstance(seen, list) else ()), *verbs})
        told |= {name: fact for name, fact in attrs.items() if fact is not None}
        numbers = {"listed": 1.0, **(known.metrics if known else {}), **(metrics or {})}
        self._rows[path] = Evidence("route", route_of(path), numbers, known.place if known else place, attrs=told)

    @property
    def found(self) -> bool:
        """Whether anything was listed."""
        return bool(self._rows or self.noise)

    def finish(self) -> None:
        """Put evidence, totals and notes into the result."""
        result = self._result
        result.evidence = list(self._rows.values())
        if self._more_place:
            result.evidence.append(Evidence("route", "other", {"listed": float(len(self._more))}, self._more_place))
            result.notes.append(f"{len(self._more):,} routes beyond the first {MAX_ROUTES:,} are one row.")
        result.records = len(self._rows) + len(self._more)
        handlers = sum(row.attrs["type"] == "api" for row in self._rows.values()) + self._more_api
        result.totals = {"routes": result.records, "api_routes": handlers}
        if self.endpoints:
            result.totals["endpoints"] = self.endpoints
        result.enables = ["Routes that no log shows", "Webhook and sign-in routes by name"]
        if self.noise:
            result.notes.append(f"{self.noise:,} pages and files that the framework adds are left out.")


def _by_name(path: str, api: bool) -> dict[str, object]:
    segments = {segment.lower() for segment in path.split("/")}
    return {
        "type": "api" if api else "page",
        "webhook": bool(segments & WEBHOOK),
        "auth": bool(segments & AUTH),
        "path": path,
    }
