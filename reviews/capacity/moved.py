"""Which verdicts and dates moved between two states of the same model: what a changed input did.

Rows are {"what", "title", "before", "after"}: `what` is "policy", "phase" or "verdict" (before and after are words),
"multiple" (times today's load) or "reached" ({"from", "to"} or None). What did not move is left out, and so is noise
below one in a thousand.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from reviews.capacity.policy import TITLE

Machine = dict[str, Any]
NOISE = 1e-3


def moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Machine]:
    """Policy, phase and verdicts, then breaking points in the order in which they break now, then those of before."""
    return [*_policy(before, after), *_verdicts(before, after), *_breaking(before, after)]


def _policy(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Machine]:
    for what, title, read in (("policy", TITLE, _profile), ("phase", "Phase of today", _phase)):
        if read(before) != read(after):
            yield _row(what, title, read(before), read(after))


def _profile(model: Mapping[str, Any]) -> str | None:
    return model["policy"]["title"] if "policy" in model else None


def _phase(model: Mapping[str, Any]) -> str | None:
    return next((row["name"] for row in model.get("phases", ()) if row["current"]), None)


def _verdicts(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Machine]:
    were = {row["name"]: row["verdict"] for row in before.get("scenarios", ())}
    for row in after.get("scenarios", ()):
        was = were.get(row["name"])
        if was is not None and was != row["verdict"]:
            yield {"what": "verdict", "title": row["title"], "before": was, "after": row["verdict"]}


def _breaking(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Machine]:
    were = {row["resource"]: row for row in before.get("breaking_points", ())}
    now = {row["resource"]: row for row in after.get("breaking_points", ())}
    for name in [*now, *(name for name in were if name not in now)]:
        old, new = were.get(name, {}), now.get(name, {})
        title = (new or old)["title"]
        if not _same(old.get("multiple"), new.get("multiple")):
            yield _row("multiple", title, old.get("multiple"), new.get("multiple"))
        if _ends(old) != _ends(new):
            yield _row("reached", title, _ends(old), _ends(new))


def _row(what: str, title: str, before: Any, after: Any) -> Machine:
    return {"what": what, "title": title, "before": before, "after": after}


def _ends(row: Mapping[str, Any]) -> Machine | None:
    reached = row.get("reached")
    return reached and {"from": reached.get("from"), "to": reached.get("to")}


def _same(before: float | None, after: float | None) -> bool:
    if before is None or after is None:
        return before is after
    return abs(before - after) <= NOISE * max(abs(before), abs(after))
