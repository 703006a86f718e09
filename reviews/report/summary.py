"""A review in some lines of text, for a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

TOP = 10


def summary(document: Mapping[str, Any]) -> str:
    """What was read, the top findings with their first evidence, what stayed open, and the plan in hours."""
    findings: Sequence[Mapping[str, Any]] = document["findings"]
    read = [row for row in document["coverage"] if row.get("format") and not row.get("error")]
    lines = [
        f"{document['engagement'].get('client')}: {document['engagement'].get('title')}",
        f"{len(read)} of {len(document['coverage'])} files read, {len(findings)} findings, "
        f"{len(document['not_assessed'])} questions not assessed.",
        "",
    ]
    lines += [line for finding in findings[:TOP] for line in _finding(finding)]
    if len(findings) > TOP:
        lines.append(f"... and {len(findings) - TOP} more findings; --json FILE writes all of them.")
    return "\n".join([*lines, *_plan(document["plan"])])


def _finding(finding: Mapping[str, Any]) -> list[str]:
    low, high = finding["severity_range"]
    span = "" if low == high else f" ({low} to {high})"
    first = finding["evidence"][0]
    behind = f"  behind: {len(finding['symptoms'])} symptoms" if finding["symptoms"] else ""
    return [
        f"{finding['rank']:>3}. {finding['severity'].upper()}{span}  {finding['area']}: {finding['title']}",
        f"     {finding['said']}",
        f"     {first['file']}:{first['line']}  [{finding['confidence']}]{behind}",
    ]


def _plan(plan: Sequence[Mapping[str, Any]]) -> list[str]:
    hours = [
        f"{row['name']} {row['hours']:g} of {row['capacity']:g} h" for row in plan if row.get("capacity") is not None
    ]
    return ["", "Plan: " + ", ".join(hours)] if hours else []
