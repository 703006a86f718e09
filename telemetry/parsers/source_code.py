"""Source code of a repository: routes, pools, queues and what smells under load, from syntax trees.

Whoever opens a repository (a zip, a tar, a folder) hands its source files over as one stream; `telemetry.source_code`
says which files those are and what is looked for.
"""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from telemetry.evidence import Evidence, ParseError, ParseResult, Place
from telemetry.parsers import readers
from telemetry.parsers.base import Parser
from telemetry.parsers.routes_inventory import Inventory
from telemetry.source import Head, Source
from telemetry.source_code.bundle import MAGIC, MAX_TOTAL_BYTES, NAME, SourceText, files_of
from telemetry.source_code.facts import FACTS
from telemetry.source_code.facts.base import Fact
from telemetry.source_code.model import SourceFile
from telemetry.source_code.repo import Repository, read_file
from telemetry.source_code.smells import SMELLS
from telemetry.source_code.smells.base import HIT, UNKNOWN, Judged
from telemetry.source_code.survey import Survey

HOW = "git archive --format=zip -o repo.zip HEAD"
# Of one smell at most so many places are told apart; the check's own row counts them all.
MAX_HITS = 500
# A repository of 3,000 files takes some 20 s; beyond this, files are counted as not read.
MAX_READ_S = 90.0
SLOW = "too slow to read"


def sniff(head: Head) -> bool:
    """Claim the stream that opening a repository writes, by its first line."""
    return head.text.removeprefix("\ufeff").startswith((f"{MAGIC}\n", f"{MAGIC}\r\n"))


def parse(source: Source) -> ParseResult:
    """Evidence with the file each row stands in; ParseError when there is no source in it."""
    result = ParseResult(carrier="syntax trees")
    left_out: Counter[str] = Counter()
    files = list(_read(source, result, left_out))
    if not files:
        told = f" {_told(left_out)}" if left_out else ""
        raise ParseError(f"There is no source code in it that can be read.{told} Send the repository: {HOW}", 1)
    prefix = source.name.rpartition("/")[0]
    writer = _Writer(f"{prefix}/" if prefix else "", result)
    survey = Survey(Repository(files))
    hits = _judge(survey, writer)
    for facts in FACTS:
        for fact in facts(survey):
            writer.fact(fact)
    _summarise(survey, files, writer, result, hits)
    result.notes += _notes(files, left_out)
    return result


def _read(source: Source, result: ParseResult, left_out: Counter[str]) -> Iterator[SourceFile]:
    """The files, read one by one; lines that belong to none are rejected."""
    end = time.monotonic() + MAX_READ_S
    total = 0
    for one in files_of(source.lines(), left_out):
        if not isinstance(one, SourceText):
            result.lines += 1
            result.reject(one[0], readers.quote(one[1].decode("utf-8", "replace"), result))
            continue
        total += len(one.text)
        file = None
        if total <= MAX_TOTAL_BYTES and time.monotonic() < end:
            file = read_file(one.path, one.text)
        if file is None:
            left_out[SLOW] += 1
            continue
        source.records += 1
        lines = one.text.split(b"\n")[:-1]
        blank = sum(not line.strip() for line in lines)
        result.lines += len(lines)
        result.blank += blank
        result.records_lines += len(lines) - blank
        yield file


class _Writer:
    """Turns facts and judgements into evidence, with quotes of the files they stand in."""

    def __init__(self, prefix: str, result: ParseResult) -> None:
        self._prefix = prefix
        self._result = result

    def place(self, file: SourceFile, line: int) -> Place:
        text = file.lines[line - 1] if 0 < line <= len(file.lines) else ""
        return readers.place(line, text.strip("\r"), self._result)

    def fact(self, fact: Fact) -> None:
        places = {name: self.place(fact.file, line) for name, line in fact.lines.items() if name in fact.metrics}
        attrs = {name: one for name, one in fact.attrs.items() if one not in ("", None, [])}
        place = self.place(fact.file, fact.line)
        name = self._prefix + fact.file.path
        subject = readers.quote(fact.subject, self._result)
        self._result.evidence.append(Evidence(fact.kind, subject, fact.metrics, place, places, attrs, name))

    def smell(self, name: str, judged: Judged) -> None:
        self.fact(Fact("code.smell", judged.subject, {name: 1.0}, judged.file, judged.line, judged.attrs))


def _judge(survey: Survey, writer: _Writer) -> dict[str, int]:
    """Ask every smell; each gets a row of counts where the code holds places to judge, and a row for each hit."""
    found: dict[str, int] = {}
    for smell in SMELLS:
        judged = list({(one.file.path, one.line, one.subject): one for one in smell.check(survey)}.values())
        hits = [one for one in judged if one.verdict is HIT]
        unknown = sum(one.verdict is UNKNOWN for one in judged)
        if judged:
            first = (hits or judged)[0]
            counts = {"places": float(len(judged)), "hits": float(len(hits)), "unknown": float(unknown)}
            writer.fact(Fact("code.check", smell.name, counts, first.file, first.line))
        for one in hits[:MAX_HITS]:
            writer.smell(smell.name, one)
        found[smell.name] = len(hits)
    return found


def _summarise(
    survey: Survey, files: list[SourceFile], writer: _Writer, result: ParseResult, hits: dict[str, int]
) -> None:
    routes = _routes(survey, writer, result)
    jobs = sum(entry.kind == "job" for entry in survey.entries)
    actions = sum(entry.kind == "action" for entry in survey.entries)
    counts = {"files": len(files), "lines": result.lines - result.rejected, "routes": len(routes), "jobs": jobs}
    counts |= {"actions": actions, "broken_files": sum(file.broken for file in files)}
    attrs = {
        "languages": dict(Counter(file.language for file in files)),
        "frameworks": sorted({route.framework for route in survey.routes}),
    }
    metrics = {name: float(count) for name, count in counts.items()}
    writer.fact(Fact("code.source", "source", metrics, files[0], 1, attrs))
    result.evidence += routes
    result.records = len(files)
    result.totals = {"files": len(files), "routes": len(routes), "jobs": jobs, "smells": sum(hits.values())}
    result.totals |= {name: count for name, count in hits.items() if count}
    result.enables = [
        "Routes with the tables, queues and systems they touch",
        "Queries, calls, jobs and webhooks that will not hold under load",
        "Pool, queue and task settings as the code sets them",
    ]


def _routes(survey: Survey, writer: _Writer, result: ParseResult) -> list[Evidence]:
    """The inventory, each route in the file that declares it."""
    inventory = ParseResult()
    listed = Inventory(inventory)
    placed = [route for route in survey.routes if route.placed]
    if len(placed) < len(survey.routes):
        result.notes.append(
            f"{len(survey.routes) - len(placed):,} routes of routers that no file mounts are not listed: "
            "where they answer is not known."
        )
    for route in placed:
        place = writer.place(route.file, route.line)
        metrics = {} if route.max_duration is None else {"max_duration_s": route.max_duration}
        facts = {"runtime": route.runtime, "dynamic": route.dynamic, "framework": route.framework or None}
        source_file = writer._prefix + route.file.path
        listed.add(
            route.path, place, api=not route.page, methods=route.methods, metrics=metrics, file=source_file, **facts
        )
    listed.finish()
    return [_in_its_file(row) for row in inventory.evidence]


def _in_its_file(row: Evidence) -> Evidence:
    attrs = dict(row.attrs)
    return replace(row, file=str(attrs.pop("file", "")), attrs=attrs)


def _told(left_out: Counter[str]) -> str:
    """How many files were not read, by reason."""
    return f"Files left out: {', '.join(f'{count:,} {reason}' for reason, count in left_out.most_common())}."


def _notes(files: list[SourceFile], left_out: Counter[str]) -> list[str]:
    notes = [_told(left_out)] if left_out else []
    broken = [file.path for file in files if file.broken]
    if broken:
        more = f" and {len(broken) - 3:,} more" if len(broken) > 3 else ""
        notes.append(f"Syntax that is not understood, around which the file was read: {', '.join(broken[:3])}{more}.")
    notes.append(
        "Code tells what may happen, not how often: whether a smell matters is for logs and statistics to say."
    )
    return notes


PARSER = Parser(
    id=NAME.replace(" ", "-"),
    title="Source code of a repository",
    how_to_export=f"{HOW}\n"
    "# Committed files only: source, schema, settings, tests; no history, no ignored .env. To keep a part back: "
    "git archive --format=zip -o repo.zip HEAD -- . ':!secrets'",
    looks_for="a zip, tar or folder with JavaScript, TypeScript or Python files",
    kinds=("route", "code.source", "code.check", "code.smell", "code.pool", "code.queue", "code.task", "code.use"),
    sniff=sniff,
    parse=parse,
)
