"""A judging in short: what is needed to compare it with another one, and nothing that a file said."""

from collections.abc import Mapping, Sequence
from typing import Any

Machine = dict[str, Any]
KEPT = ("id", "key", "title", "area", "rule", "mechanism", "subject", "severity", "impact", "proximity", "confidence")


def state_of(finding: Mapping[str, Any], standing: str = "shown", left_out: bool = False) -> Machine:
    """One finding. `left_out` says that a consultant dismissed or hid it: it is no risk of the client's."""
    measured, decisive = finding.get("measured") or {}, (finding.get("evidence") or [{}])[0]
    return {name: finding.get(name) for name in KEPT} | {
        "measured": {name: measured.get(name) for name in ("metric", "value", "unit", "limit")},
        "source": [decisive.get("kind"), decisive.get("subject")],
        "standing": standing,
        "left_out": left_out,
    }


def snapshot(states: Sequence[Machine], answers: Mapping[str, str]) -> Machine:
    """Findings by rank as given, and each rule's answer."""
    return {"findings": list(states), "answers": dict(answers)}


def snapshot_of_report(document: Mapping[str, Any]) -> Machine:
    """The same of a frozen document: its findings as printed, and what was published before and is resolved since."""
    shown = [state_of(finding) for finding in document.get("findings", [])]
    withdrawn = [state_of(finding, left_out=True) for finding in document.get("withdrawn", [])]
    resolved = [state_of(finding, standing="resolved") for finding in document.get("resolved", [])]
    answers = {row["rule"]: "clear" for row in document.get("clear", [])}
    answers |= {row["rule"]: "cannot tell" for row in document.get("not_assessed", [])}
    answers |= {finding["rule"]: "hit" for finding in document.get("findings", [])}
    return snapshot([*shown, *resolved, *withdrawn], answers)
