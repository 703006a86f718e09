"""Dockerfile: how the image of the application is built, as far as it bears on running it.

Instructions: https://docs.docker.com/reference/dockerfile/. Arguments of RUN, ENV and ARG are not kept: they may hold
secrets.
"""

import re
from collections.abc import Iterator

from telemetry.evidence import Evidence, ParseError, ParseResult, Place
from telemetry.parsers import readers
from telemetry.parsers.base import Parser
from telemetry.redaction import MARK
from telemetry.source import Head, Source

HOW = "Send the Dockerfile that production is built from."
INSTRUCTIONS = frozenset(
    {"ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER"}
    | {"ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"}
)
_INSTRUCTION = re.compile(r"\s*([A-Za-z]+)(?:\s+(.*))?$")
_FROM = re.compile(r"(?:--platform=\S+\s+)?(\S+)(?:\s+[Aa][Ss]\s+(\S+))?\s*$")
_SECRET = re.compile(r"(?i)^\s*(?:ENV|ARG)\s+\w*(?:SECRET|PASSWORD|TOKEN|API_?KEY|PRIVATE)\w*\s*[= ]\s*[^\s$]")
# A further setting on the line, or on a line that continues it; also a login inside an address.
_PAIR = re.compile(
    r"(?i)\w*(?:SECRET|PASSWORD|TOKEN|API_?KEY|PRIVATE)\w*=[\"']?[^\s$\"'\\]|=[\"']?\w{1,20}://[^:/\s]{0,100}:[^@\s$]{1,200}@"
)
_HEREDOC = re.compile(r"<<-?[\"']?(\w+)")
_ROOT = frozenset({"root", "0", "root:root", "0:0"})

# Line, instruction, argument, text of its first line, the lines that continue it.
Step = tuple[int, str, str, str, list[tuple[int, str]]]


def sniff(head: Head) -> bool:
    """Claim text whose first instruction is FROM (or ARG before it) and whose others are a Dockerfile's."""
    lines = head.lines[:200]
    each = _steps([line.removeprefix("\ufeff") for line in lines[:1]] + lines[1:])
    first = next(each, None)  # refuses most files
    if first is None or first[1] not in ("FROM", "ARG"):
        return False
    steps = [first, *each]
    if not any(step[1] == "FROM" for step in steps):
        return False
    known = sum(step[1] in INSTRUCTIONS for step in steps)
    return known * 10 >= len(steps) * 9 and all(_FROM.match(step[2]) for step in steps if step[1] == "FROM")


def parse(source: Source) -> ParseResult:
    """One row, about the last stage; ParseError when there is no FROM."""
    text = source.read(2 * 1024 * 1024).decode("utf-8", "replace").removeprefix("\ufeff")
    lines = text.split("\n")
    lines = lines[:-1] if not lines[-1] else lines
    result = ParseResult(carrier="dockerfile", lines=len(lines))
    result.blank = sum(not line.strip() for line in lines)
    steps: list[Step] = []
    for step in _steps(lines):
        if step[1] in INSTRUCTIONS:
            steps.append(step)
        else:
            readers.reject_line(step[0], step[3], result)
    starts = [at for at, step in enumerate(steps) if step[1] == "FROM"]
    if not starts:
        raise ParseError(f"The file has no FROM. {HOW}", 1)
    result.evidence = [_row(steps, starts, result)]
    result.records = len(steps)
    result.records_lines = result.lines - result.blank - result.rejected
    metrics = result.evidence[0].metrics
    result.totals = {"stages": len(starts), "instructions": len(steps), "secrets": int(metrics["secrets"])}
    result.enables = ["Whether the image runs as root, is pinned and is checked for health"]
    return result


def _steps(lines: list[str]) -> Iterator[Step]:
    """Instructions, those over several lines once; comments, continuations and here-documents belong to them."""
    open_line, until = False, ""
    more: list[tuple[int, str]] = []
    for number, raw in enumerate(lines, 1):
        line = raw.rstrip("\r")
        if until:
            until = "" if line.strip() == until else until
            continue
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not open_line and (found := _INSTRUCTION.match(line)):
            more = []
            yield number, found[1].upper(), (found[2] or "").strip(), line, more
            heredoc = _HEREDOC.search(line) if found[1].upper() in ("RUN", "COPY", "ADD") else None
            until = heredoc[1] if heredoc else ""
        elif not open_line:
            yield number, "", "", line, []
        else:
            more.append((number, line))
        open_line = line.rstrip().endswith("\\")


def _row(steps: list[Step], starts: list[int], result: ParseResult) -> Evidence:
    """What the last stage sets; a stage built on an earlier one also has what that one sets."""
    last = steps[starts[-1]]
    own = _lineage(steps, starts)
    users = [step for step in own if step[1] == "USER"]
    checks = [step for step in own if step[1] == "HEALTHCHECK" and step[2].upper() != "NONE"]
    stages = {name.lower() for at in starts if (name := _from(steps[at])[1])}
    bases = [step for at in starts if _from(step := steps[at])[0].lower() not in stages]
    loose = [step for step in bases if _is_loose(_from(step)[0])]
    secrets = [spot for step in steps if step[1] in ("ENV", "ARG") for spot in _secrets(step)]
    metrics = {
        "stages": float(len(starts)),
        "root": float(not users or users[-1][2].split()[:1] == [] or users[-1][2].split()[0] in _ROOT),
        "healthcheck": float(bool(checks)),
        "loose_bases": float(len(loose)),
        "secrets": float(len(secrets)),
    }
    places: dict[str, Place] = {}
    for metric, found in (("root", users[-1:]), ("healthcheck", checks[-1:]), ("loose_bases", loose)):
        if found:
            places[metric] = readers.place(found[0][0], found[0][3], result)
    if secrets:
        result.redacted += len(secrets)
        places["secrets"] = Place(secrets[0][0], f"{secrets[0][1][:3]} {MARK}" if secrets[0][1][:1] in "AE" else MARK)
    base = _from(bases[-1])[0] if bases else _from(last)[0]
    place = readers.place(last[0], last[3], result)
    return Evidence("repo.image", "Dockerfile", metrics, place, places, {"base": readers.quote(base, result)[:120]})


def _secrets(step: Step) -> list[tuple[int, str]]:
    """Lines of an ENV or ARG on which a secret has a value."""
    lines = [(step[0], step[3]), *step[4]]
    return [(number, line) for number, line in lines if _SECRET.match(line) or _PAIR.search(line)]


def _from(step: Step) -> tuple[str, str]:
    found = _FROM.match(step[2])
    return (found[1], found[2] or "") if found else (step[2], "")


def _lineage(steps: list[Step], starts: list[int]) -> list[Step]:
    """Steps of the last stage, those of the stages it is built on first."""
    bodies = [steps[start:end] for start, end in zip(starts, [*starts[1:], len(steps)], strict=True)]
    named = {_from(body[0])[1].lower(): at for at, body in enumerate(bodies) if _from(body[0])[1]}
    at, chain = len(bodies) - 1, [*bodies[-1]]
    while (before := named.get(_from(bodies[at][0])[0].lower(), at)) < at:
        at, chain = before, [*bodies[before], *chain]
    return chain


def _is_loose(image: str) -> bool:
    """Whether the same line may give another image tomorrow: no tag, or latest; a variable is not known."""
    if "$" in image or "@sha256:" in image or image == "scratch":
        return False
    tag = image.rpartition("/")[2].partition(":")[2]
    return tag in ("", "latest")


PARSER = Parser(
    id="dockerfile",
    title="Dockerfile",
    how_to_export="cp Dockerfile Dockerfile.txt",
    looks_for="text that starts with FROM and goes on with RUN, COPY and CMD",
    kinds=("repo.image",),
    sniff=sniff,
    parse=parse,
)
