"""Two judgings of one engagement side by side: fixed, better, same, worse, new, not measured this time.

A severity that moved decides; within one severity the measured number does, where both judgings measured the same one.
Which direction is worse is known from the rule: its hit stood on the bad side of its limit.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

Machine = dict[str, Any]
SCHEMA = "loadline.comparison/1"
# In the order in which a person wants to know; what stayed as it was is the longest list and stands last.
VERDICTS = ("worse", "new", "fixed", "better", "not measured", "same")
ORDER = {"high": 3, "medium": 2, "low": 1}
# Two measurements of a system that did not change differ by some per cent.
NOISE = 0.05


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> Machine:
    """The comparison of two snapshots (`reviews.risk.snapshot`), JSON-safe, the sentence for a buyer first."""
    old, new = _by_key(before), _by_key(after)
    left_out = {key for key, state in new.items() if state["left_out"]}
    was = {key: state for key, state in old.items() if state["standing"] in ("shown", "clear")}
    now = {key: state for key, state in new.items() if state["standing"] == "shown"}
    keys = [key for key in [*now, *(key for key in was if key not in now)] if key not in left_out]
    rows = [
        _row(was.get(key), now.get(key), new.get(key), before) for key in keys if not _ignored(old.get(key), key, now)
    ]
    rows.sort(key=lambda row: VERDICTS.index(row["verdict"]))
    counts = {verdict: Counter(row["verdict"] for row in rows)[verdict] for verdict in VERDICTS}
    withdrawn = sum(key in left_out for key in was if not old[key]["left_out"])
    words = sentence(counts)
    return {"schema": SCHEMA, "sentence": words, "counts": counts, "rows": rows, "withdrawn": withdrawn}


def sentence(counts: Mapping[str, int]) -> str:
    """What a buyer repeats: "5 of 9 risks are fixed, 1 is worse, 2 are new"."""
    earlier = sum(number for verdict, number in counts.items() if verdict != "new")
    if not earlier:
        fresh = counts["new"]
        return f"There was no risk before; {fresh} {_are(fresh)} new." if fresh else "No risk was found either time."
    fixed = counts["fixed"]
    risks = "risk" if earlier == 1 else "risks"
    parts = [f"{fixed or 'None'} of {earlier} {risks} {_are(fixed or 1)} fixed"]
    parts += [
        f"{counts[verdict]} {_are(counts[verdict])} {words}"
        for verdict, words in (("better", "better"), ("worse", "worse"), ("same", "the same"), ("new", "new"))
        if counts[verdict]
    ]
    missing = counts["not measured"]
    if missing:
        parts.append(f"{missing} {'was' if missing == 1 else 'were'} not measured this time")
    return ", ".join(parts) + "."


def change_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> Machine | None:
    """The measured change: values, unit, difference, per cent, direction; None for two different measurements.

    The same metric of another rule, or of another row of evidence, is another measurement.
    """
    old, new = before["measured"], after["measured"]
    if (before["rule"], before.get("source")) != (after["rule"], after.get("source")):
        return None
    if old.get("metric") != new.get("metric") or old.get("unit") != new.get("unit"):
        return None
    if not all(_is_number(row.get("value")) for row in (old, new)):
        return None
    was, now = float(old["value"]), float(new["value"])
    return {
        "metric": new["metric"],
        "unit": new["unit"],
        "before": old["value"],
        "after": new["value"],
        "change": now - was,
        "percent": 100 * (now - was) / abs(was) if was else None,
        "direction": _direction(was, now, larger_is_worse(new)),
    }


def larger_is_worse(measured: Mapping[str, Any]) -> bool | None:
    """By the side of its limit on which a hit stands: over it, larger is worse. None where it tells neither."""
    value, limit = measured.get("value"), measured.get("limit")
    if not isinstance(value, int | float) or not isinstance(limit, int | float) or value == limit:
        return None
    return value > limit


def _row(
    was: Mapping[str, Any] | None,
    now: Mapping[str, Any] | None,
    last: Mapping[str, Any] | None,
    before: Mapping[str, Any],
) -> Machine:
    shown = now or was
    assert shown is not None  # noqa: S101  every key comes from one of the two
    change = change_of(was, now) if was and now else None
    return {
        **{name: shown[name] for name in ("id", "key", "title", "area", "rule", "mechanism", "subject")},
        "verdict": _verdict(was, now, last, change),
        "before": was and was["severity"],
        "after": now and now["severity"],
        "measured": change,
        "seen_once": None
        if was and now
        else {name: shown["measured"].get(name) for name in ("metric", "value", "unit")},
        "note": _note(was, now, last, before),
    }


def _verdict(
    was: Mapping[str, Any] | None,
    now: Mapping[str, Any] | None,
    last: Mapping[str, Any] | None,
    change: Machine | None,
) -> str:
    if now is None:
        return "fixed" if last and last["standing"] in ("clear", "resolved") else "not measured"
    if was is None:
        return "new"
    moved = ORDER[now["severity"]] - ORDER[was["severity"]]
    if moved:
        return "worse" if moved > 0 else "better"
    return str(change["direction"]) if change else "same"


def _note(
    was: Mapping[str, Any] | None,
    now: Mapping[str, Any] | None,
    last: Mapping[str, Any] | None,
    before: Mapping[str, Any],
) -> str:
    if now is None and last and last["standing"] == "clear":
        return "Measured again and clear; to be confirmed."
    if now is None and last is None:
        return "The later report does not speak of it."
    if now is None and last and last["standing"] == "unmeasured":
        return "Nothing that was sent this time measures it."
    if was is None and now and before.get("answers", {}).get(now["rule"]) in (None, "cannot tell"):
        return "It was not measured before."
    return ""


def _direction(was: float, now: float, larger: bool | None) -> str:
    if larger is None or abs(now - was) <= NOISE * abs(was):
        return "same"
    return "worse" if (now > was) is larger else "better"


def _by_key(snapshot: Mapping[str, Any]) -> dict[str, Machine]:
    return {state["key"]: state for state in snapshot.get("findings", [])}


def _ignored(old: Mapping[str, Any] | None, key: str, now: Mapping[str, Any]) -> bool:
    """What was dismissed then and is gone now was never a risk."""
    return old is not None and bool(old["left_out"]) and key not in now


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
