"""The questions of a review: one for each mechanism, with its answer, the files behind it and what is still open."""

from collections.abc import Iterable, Sequence
from typing import Any

from telemetry.mechanisms import MECHANISMS

Machine = dict[str, Any]
HIT, CLEAR, CANNOT_TELL = "hit", "clear", "cannot tell"


def questions_of(
    findings: Iterable[Machine], clear: Iterable[Machine], not_assessed: Iterable[Machine]
) -> list[Machine]:
    """Mechanisms in the order of the vocabulary, those that some rule asked about.

    Each has area, mechanism, line, status, files (that answered), rules and open (ids of rules that answered and that
    could not tell) and needs (what the open ones lack). One rule that found something answers the question; "clear"
    with open rules is clear as far as the files go.
    """
    asked: dict[str, Machine] = {}
    for finding in findings:
        files = [row["file"] for row in finding["evidence"]]
        _add(asked, finding["mechanism"], HIT, finding.get("rules") or [finding["rule"]], files)
    for row in clear:
        _add(asked, row["mechanism"], CLEAR, [row["rule"]], row.get("files", ()))
    for row in not_assessed:
        _add(asked, row["mechanism"], CANNOT_TELL, [row["rule"]], (), row["needs"])
    return [asked[mechanism] for mechanism in MECHANISMS if mechanism in asked]


def answered(questions: Sequence[Machine]) -> int:
    """How many have an answer."""
    return sum(question["status"] != CANNOT_TELL for question in questions)


def _add(
    asked: dict[str, Machine],
    mechanism: str,
    status: str,
    rules: Iterable[str],
    files: Iterable[str],
    needs: Iterable[str] = (),
) -> None:
    known = MECHANISMS.get(mechanism)
    question = asked.setdefault(
        mechanism,
        {"area": known.area if known else "", "mechanism": mechanism, "line": known.line if known else ""}
        | {"status": CANNOT_TELL, "files": [], "rules": [], "open": [], "needs": []},
    )
    order = (HIT, CLEAR, CANNOT_TELL)
    question["status"] = min(question["status"], status, key=order.index)
    entries = (("files", files), ("open" if status == CANNOT_TELL else "rules", rules), ("needs", needs))
    for name, values in entries:
        question[name] += sorted(set(values) - set(question[name])) if name == "files" else _new(question[name], values)


def _new(known: list[str], values: Iterable[str]) -> list[str]:
    return [value for value in dict.fromkeys(values) if value not in known]
