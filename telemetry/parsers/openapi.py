"""OpenAPI descriptions, versions 2.0 (Swagger) to 3.1, as JSON or YAML: what FastAPI, NestJS and DRF write.

Paths and operations: https://spec.openapis.org/oas/latest.html#paths-object. Examples and schemas are not read.
"""

import re
from dataclasses import replace

from telemetry.evidence import Evidence, ParseError, ParseResult
from telemetry.parsers.base import Parser
from telemetry.parsers.ops_values import blank_lines, settle_lines
from telemetry.parsers.readers import JsonText, Member
from telemetry.parsers.routes_inventory import Inventory
from telemetry.parsers.yaml_text import YamlText
from telemetry.source import Head, Source

HOW = "Send openapi.json or openapi.yaml as the framework writes it."
METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace", "query")
_JSON = re.compile(r'"(?:openapi"\s*:\s*"3\.\d|swagger"\s*:\s*"2\.0)')
_YAML = re.compile(r"^[\"']?(?:openapi[\"']?\s*:\s*[\"']?3\.\d|swagger[\"']?\s*:\s*[\"']?2\.0)", re.M)


def sniff(head: Head) -> bool:
    """Claim a JSON object or a YAML mapping that names the version of OpenAPI it follows."""
    text = head.text.removeprefix("\ufeff").lstrip()
    if text.startswith("{"):
        return not head.quoted.isdisjoint(("openapi", "swagger")) and bool(_JSON.search(text))
    return ("openapi" in text or "swagger" in text) and bool(_YAML.search(text))


def parse(source: Source) -> ParseResult:
    """One evidence row a path; ParseError when the description is broken or has no paths."""
    raw = source.read()
    is_json = raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    document = JsonText(raw) if is_json else YamlText(raw)
    result = ParseResult(carrier="json" if is_json else "yaml", lines=document.lines)
    version = document.member(document.start, "openapi") or document.member(document.start, "swagger")
    paths = document.member(document.start, "paths")
    if version is None:
        raise ParseError(f"The file does not say which version of OpenAPI it follows. {HOW}", 1)
    if paths is None or not isinstance(paths.value, dict):
        raise ParseError(f"The description has no paths. {HOW}", document.line(version.at))
    base = _base(document)
    routes = Inventory(result)
    secured = document.member(document.start, "security")
    for entry in document.members(paths.value_at):
        _read_path(entry, base, bool(secured), document, routes, result)
    _finish(document, routes, str(version.value), base, result)
    return result


def _base(document: JsonText) -> str:
    """What every path starts with: basePath of 2.0, the path of the first server of 3.x; "" when there is none."""
    base = document.member(document.start, "basePath")
    if base is None and (servers := document.member(document.start, "servers")):
        first = document.members(servers.value_at)[:1]
        base = document.member(first[0].value_at, "url") if first else None
    found = re.match(r"(?:[a-z]+://[^/{}]*)?(/[\w./-]*)?$", str(base.value)) if base else None
    return (found[1] or "").rstrip("/") if found else ""


def _read_path(
    entry: Member,
    base: str,
    secured: bool,
    document: JsonText,
    routes: Inventory,
    result: ParseResult,
) -> None:
    if entry.key.startswith("x-"):
        return
    if not entry.key.startswith("/") or not isinstance(entry.value, dict):
        result.reject(document.line(entry.at), document.place(entry.at, result).quote)
        return
    operations = [one for one in document.members(entry.value_at) if one.key.lower() in METHODS]
    stated = [document.member(one.value_at, "security") for one in operations if isinstance(one.value, dict)]
    open_to_all = [one for one in stated if (not document.members(one.value_at) if one else not secured)]
    routes.add(
        base + entry.key,
        document.place(entry.at, result),
        api=True,
        methods=[one.key for one in operations],
        secured=not open_to_all if operations else None,
    )


def _finish(document: JsonText, routes: Inventory, version: str, base: str, result: ParseResult) -> None:
    routes.finish()
    operations = routes.endpoints
    result.totals = {"paths": result.totals["routes"], "operations": operations, "version": version[:20]}
    result.evidence = [_counted(row) for row in result.evidence]
    result.enables = ["API routes that no log shows", "Operations that need no authentication, as described"]
    if base:
        result.notes.append(f"Every path stands under {base}.")
    result.notes.append("What is described, not what is deployed: compare it with the log.")
    result.blank = blank_lines(document)
    settle_lines(result)


def _counted(row: Evidence) -> Evidence:
    operations = float(len(row.attrs.get("methods", [])))
    return replace(row, metrics={**row.metrics, "operations": operations}) if row.subject != "other" else row


PARSER = Parser(
    id="openapi",
    title="OpenAPI description",
    how_to_export="curl -s http://localhost:8000/openapi.json > openapi.json",
    looks_for='JSON or YAML that starts with a version such as openapi: 3.0.3 or "swagger": "2.0"',
    kinds=("route",),
    sniff=sniff,
    parse=parse,
)
