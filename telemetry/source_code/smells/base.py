"""What a smell is: one question to the code, answered place by place with yes, no or cannot tell."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from telemetry.source_code.model import Call, SourceFile
from telemetry.source_code.survey import Entry, Survey, subject_of


class Verdict(Enum):
    """The answer for one place."""

    HIT = "hit"
    CLEAR = "clear"
    UNKNOWN = "unknown"


HIT, CLEAR, UNKNOWN = Verdict.HIT, Verdict.CLEAR, Verdict.UNKNOWN


@dataclass(frozen=True, slots=True)
class Judged:
    """One place that was looked at. `attrs` are JSON-safe."""

    verdict: Verdict
    file: SourceFile
    line: int
    subject: str
    attrs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Smell:
    """`name` is the metric of the evidence, `title` what a hit says, `check` looks at every place it may stand."""

    name: str
    title: str
    check: Callable[[Survey], Iterator[Judged]]


def at_call(verdict: Verdict, call: Call, entries: list[Entry], **attrs: Any) -> Judged:
    """A judgement about a call, with the routes that run it."""
    subject, routes = subject_of(call, entries)
    kinds = sorted({entry.kind for entry in entries})
    return Judged(verdict, call.file, call.line, subject, {"routes": routes, "run_by": kinds, **attrs})


def in_request(entries: list[Entry]) -> list[Entry]:
    """The entries that a person waits for."""
    return [entry for entry in entries if entry.kind != "job"]


_AFTER = re.compile(
    r"(?:^|\.)(?:waitUntil|after|unstable_after|setImmediate|setTimeout|nextTick|defer|on_commit|add_task)\Z"
)


def is_deferred(call: Call) -> bool:
    """Whether a call runs after the answer was sent: `after(() => ...)`, `waitUntil(...)`."""
    return bool(_AFTER.search(call.name)) or any(_AFTER.search(outer.name) for outer in call.around())


def is_missing_part(survey: Survey, entry: Entry) -> bool:
    """Whether something that an entry calls was imported from a file of the repository that was not sent."""
    for function in entry.functions:
        for one in survey.repository.functions(function):
            for call in one.file.calls_of(one):
                found = one.file.imports.get(call.head)
                local = found is not None and found.module.startswith((".", "@/", "~/", "#"))
                if found is not None and local and survey.repository.source_of(one.file, call.head) is None:
                    return True
    return False
