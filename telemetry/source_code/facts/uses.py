"""What each route, server action and job touches: tables, queues, other systems. Joins routes to tables and queues."""

import re
from collections.abc import Iterator, Sized

from telemetry.source_code.database import query_of
from telemetry.source_code.facts.base import Fact
from telemetry.source_code.services import http_library, is_llm, is_mail, job_of
from telemetry.source_code.survey import Entry, Survey

MAX_NAMES = 50
_HOST = re.compile(r"https?://([\w.-]+\.[a-z]{2,})", re.I)


def facts(survey: Survey) -> Iterator[Fact]:
    """One row for each entry that touches anything."""
    for entry in survey.entries:
        fact = _use(survey, entry)
        if fact is not None:
            yield fact


def _use(survey: Survey, entry: Entry) -> Fact | None:
    queries = [query for call in entry.calls if (query := query_of(call))]
    jobs = [job for call in entry.calls if (job := job_of(survey.repository, call))]
    requests = [call for call in entry.calls if http_library(call)]
    models = [call for call in entry.calls if is_llm(call) or call.name == "streamText"]
    mails = [call for call in entry.calls if is_mail(call)]
    if not (queries or jobs or requests or models or mails):
        return None
    tables = sorted({query.model for query in queries if query.model})
    hosts = {found[1].lower() for call in requests if (found := _HOST.match(call.text(0) or ""))}
    counts: dict[str, Sized] = {
        "queries": queries,
        "tables": tables,
        "jobs": jobs,
        "calls": requests,
        "models": models,
        "mails": mails,
    }
    first = entry.functions[0]
    attrs = {
        "run_as": entry.kind,
        "tables": tables[:MAX_NAMES],
        "written": sorted({query.model for query in queries if query.model and query.writes})[:MAX_NAMES],
        "queues": sorted({job.queue for job in jobs if job.queue})[:MAX_NAMES],
        "hosts": sorted(hosts)[:MAX_NAMES],
        "methods": list(entry.route.methods) if entry.route else [],
    }
    line, file = (entry.route.line, entry.route.file) if entry.route else (first.line, first.file)
    return Fact("code.use", entry.subject, {name: float(len(v)) for name, v in counts.items() if v}, file, line, attrs)
