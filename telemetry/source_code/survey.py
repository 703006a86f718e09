"""What the smells look at: a repository, its routes, and everything that runs when one of them, or a job, is called."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from telemetry.source_code.model import Call, Function
from telemetry.source_code.repo import Repository
from telemetry.source_code.routes import routes_of
from telemetry.source_code.routes.base import Route

_TASKS = frozenset({"task", "shared_task", "app.task", "celery.task", "celery_app.task"})
_SCRIPTS = re.compile(
    r"(?:^|/)(?:scripts?|seeds?|migrations?|bin|tools|tooling|cli|management/commands|alembic)/"
    r"|(?:^|/)(?:seed|next\.config|vite\.config|gulpfile|webpack\.config|setup|manage|k6|loadtest)[^/]*\.\w+\Z"
)
_PROCEDURE = re.compile(r"(\w+)\s*[:=]\s*\w*[pP]rocedure\b")


@dataclass(eq=False, slots=True)
class Entry:
    """Where work comes in: a route, a server action, or a job. `calls` are all that run for it, two calls deep."""

    subject: str
    kind: str  # "route", "page", "action", "job"
    functions: list[Function]
    calls: list[Call]
    route: Route | None = None
    names: set[str] = field(default_factory=set)  # of calls and guards, for what must be somewhere


class Survey:
    """A repository with what is asked of it again and again."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.routes = routes_of(repository)

    @cached_property
    def entries(self) -> list[Entry]:
        """Routes, server actions and jobs."""
        return [*map(self._of_route, self.routes), *self._actions(), *self._jobs()]

    @cached_property
    def requests(self) -> list[Entry]:
        """What a person waits for: routes, pages and server actions."""
        return [entry for entry in self.entries if entry.kind != "job"]

    @cached_property
    def tasks(self) -> list[tuple[Function, Entry]]:
        """Celery's tasks."""
        jobs = [(entry.functions[0], entry) for entry in self.entries if entry.kind == "job" and entry.functions]
        return [(function, entry) for function, entry in jobs if function.file.language == "python"]

    @cached_property
    def serverless(self) -> bool:
        """Whether the code says that it runs as functions: each instance then has a memory of its own."""
        told = any(route.max_duration or route.runtime for route in self.routes)
        return told or any(
            imported.module.startswith(("@vercel/", "@netlify/functions", "aws-lambda", "serverless-http", "mangum"))
            for file in self.repository
            for imported in file.imports.values()
        )

    @cached_property
    def entries_of(self) -> dict[Call, list[Entry]]:
        """Which entries run a call."""
        found: dict[Call, list[Entry]] = {}
        for entry in self.entries:
            for call in entry.calls:
                found.setdefault(call, []).append(entry)
        return found

    @cached_property
    def reached(self) -> list[tuple[Call, list[Entry]]]:
        """Every call that a request or job runs, once, in the order of files and lines; scripts are left out."""
        rows = [(call, entries) for call, entries in self.entries_of.items() if not is_script(call.file.path)]
        return sorted(rows, key=lambda row: (row[0].file.path, row[0].line))

    def _of_route(self, route: Route) -> Entry:
        calls = self._calls(route.handlers)
        names = {call.name for call in calls} | set(route.guards)
        return Entry(route.name, "page" if route.page else "route", route.handlers, calls, route, names)

    def _calls(self, functions: list[Function]) -> list[Call]:
        found: dict[Call, None] = {}
        for function in functions:
            found |= dict.fromkeys(self.repository.reach(function))
        return list(found)

    def _entry(self, subject: str, kind: str, function: Function) -> Entry:
        calls = self._calls([function])
        return Entry(subject, kind, [function], calls, None, {call.name for call in calls})

    def _actions(self) -> Iterator[Entry]:
        for file in self.repository:
            for one in file.functions:
                if one.action or ("use server" in file.directives and one.exported and one.parent is None):
                    yield self._entry(f"{file.path}:{one.label}", "action", one)
                elif procedure := _procedure_of(one):
                    yield self._entry(f"{file.path}:{procedure}", "action", one)

    def _jobs(self) -> Iterator[Entry]:
        for file in self.repository:
            for one in file.functions:
                if any(call.name in _TASKS or call.name.endswith(".task") for call in one.decorators):
                    yield self._entry(f"{file.path}:{one.label}", "job", one)
            for call in file.calls:
                if call.last in ("Worker", "createFunction", "schedules") and (call.new or "inngest" in call.name):
                    given = [one for one in file.functions if one.given_to is call]
                    for function in given or list(self.repository.handed(call)):
                        yield self._entry(f"{file.path}:{call.text(0) or function.label}", "job", function)


def _procedure_of(function: Function) -> str:
    """The name of the procedure of tRPC that a function answers: `list: publicProcedure.input(..).query(() => ..)`."""
    call = function.given_to
    if call is None or call.last not in ("query", "mutation") or "rocedure" not in call.head:
        return ""
    found = _PROCEDURE.search(call.file.lines[call.line - 1])
    return found[1] if found else call.target or function.label


def is_script(path: str) -> bool:
    """Whether a file is run by hand or at a release, never for a request."""
    return bool(_SCRIPTS.search(path))


def subject_of(call: Call, entries: list[Entry]) -> tuple[str, list[str]]:
    """(what a smell at this call is about, the routes that run it): its one route, else file and function."""
    routes = list(dict.fromkeys(entry.subject for entry in entries if entry.kind in ("route", "page")))
    label = f"{call.file.path}:{call.function.label if call.function else 'module'}"
    return (routes[0] if len(routes) == 1 else label), routes[:20]
