"""compose.yaml: which services run beside each other, how many of each, and within which limits.

Fields: https://github.com/compose-spec/compose-spec. Values of `environment` are not read.
"""

import re

from telemetry.evidence import Evidence, ParseError, ParseResult, Place
from telemetry.parsers.base import Parser
from telemetry.parsers.ops_values import blank_lines, quote_member, settle_lines
from telemetry.parsers.readers import Member
from telemetry.parsers.yaml_text import YamlText
from telemetry.source import Head, Source

HOW = "Send compose.yaml, or what docker compose config --no-interpolate prints."
_SERVICES = re.compile(r"^services:[ \t]*(?:#.*)?\r?$", re.M)
_SERVICE = re.compile(r"^[ \t]+(?:image|build|extends)[ \t]*:|^[ \t]+<<[ \t]*:", re.M)
_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)\s*([kmg]?)i?b?\Z", re.I)
_FACTOR = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}


def sniff(head: Head) -> bool:
    """Claim YAML with services at its top that have an image or are built."""
    text = head.text.removeprefix("\ufeff")
    if "services:" not in text:
        return False
    services = None if text.lstrip().startswith(("{", "[")) else _SERVICES.search(text)
    return services is not None and _SERVICE.search(text, services.end()) is not None


def parse(source: Source) -> ParseResult:
    """One row a service; ParseError when the YAML is broken or has none."""
    document = YamlText(source.read())
    services = document.member(document.start, "services")
    entries = document.members(services.value_at) if services else []
    if not entries:
        raise ParseError(f"The file has no services. {HOW}", 1)
    result = ParseResult(carrier="yaml", lines=document.lines)
    for entry in entries:
        if isinstance(entry.value, dict):
            result.evidence.append(_row(entry, document, result))
        else:
            result.reject(document.line(entry.at), document.place(entry.at, result).quote)
    result.records = len(result.evidence)
    result.totals = {"services": result.records}
    for metric in ("healthcheck", "memory_limit_bytes", "restarts"):
        result.totals[f"with_{metric.removesuffix('_bytes')}"] = sum(
            bool(row.metrics.get(metric)) for row in result.evidence
        )
    result.enables = ["Services that stand alone, without limits or checks"]
    result.blank = blank_lines(document)
    settle_lines(result)
    return result


def _row(entry: Member, document: YamlText, result: ParseResult) -> Evidence:
    facts = {one.key: one for one in document.members(entry.value_at)}
    metrics = {"listed": 1.0, "healthcheck": float(_is_checked(facts, document))}
    places: dict[str, Place] = {}
    replicas, memory = _limits(facts, document)
    if replicas and isinstance(replicas.value, int) and not isinstance(replicas.value, bool):
        metrics["replicas"], places["replicas"] = float(replicas.value), quote_member(document, replicas, result)
    size = memory_of(memory.value) if memory else None
    if memory and size is not None:
        metrics["memory_limit_bytes"], places["memory_limit_bytes"] = size, quote_member(document, memory, result)
    restart = facts.get("restart")
    if restart:
        metrics["restarts"] = float(str(restart.value) not in ("no", "False"))
        places["restarts"] = quote_member(document, restart, result)
    ports = facts.get("ports")
    metrics["ports"] = float(len(document.members(ports.value_at))) if ports else 0.0
    image = facts.get("image")
    attrs = {"image": str(image.value).rpartition("/")[2][:120]} if image else {}
    return Evidence("repo.service", entry.key[:120], metrics, quote_member(document, entry, result), places, attrs)


def _is_checked(facts: dict[str, Member], document: YamlText) -> bool:
    check = facts.get("healthcheck")
    disabled = document.member(check.value_at, "disable") if check else None
    return check is not None and not (disabled and disabled.value is True)


def _limits(facts: dict[str, Member], document: YamlText) -> tuple[Member | None, Member | None]:
    """Replicas and the limit of memory, of the deploy section or in the older form."""
    replicas, memory = facts.get("scale"), facts.get("mem_limit")
    deploy = facts.get("deploy")
    if deploy is None:
        return replicas, memory
    replicas = document.member(deploy.value_at, "replicas") or replicas
    resources = document.member(deploy.value_at, "resources")
    limits = document.member(resources.value_at, "limits") if resources else None
    return replicas, (document.member(limits.value_at, "memory") if limits else None) or memory


def memory_of(value: object) -> float | None:
    """Bytes of "512m", "1.5gb" or a plain number; None when it is none of them."""
    found = _SIZE.match(str(value).strip())
    return float(found[1]) * _FACTOR[found[2].lower()] if found else None


PARSER = Parser(
    id="compose",
    title="Docker Compose file",
    how_to_export="docker compose config --no-interpolate --no-env-resolution > compose.yaml",
    looks_for="YAML with services: at its top, each with image: or build:",
    kinds=("repo.service",),
    sniff=sniff,
    parse=parse,
)
