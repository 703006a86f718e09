"""The capacity model as pages show it: the answer in one sentence, what moved, inputs by group, numbers rounded."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reviews.capacity.amounts import shown
from reviews.capacity.catalogue import group_of, title_of, unit_of
from reviews.report.at_work import at_work
from reviews.report.figures import digits, figure, listed, safe_side, when
from reviews.report.limits import basis_of
from reviews.report.pictures.headroom import headroom, headroom_table
from reviews.report.pictures.heat import heat_rows, heat_table
from reviews.report.pictures.shapes import ACCENT
from reviews.report.rests import rests_view

Machine = dict[str, Any]
KNOWN_DIGITS = 4
DECIDING = "Behind what breaks first"
CONFIDENCE = {"measured": "measured", "derived": "measured", "stated": "partly-measured", "assumed": "assumed"}


def answer(capacity: Mapping[str, Any]) -> dict[str, str]:
    """When does it break, and what first: `lead` and `detail`, or what would have to be known to say."""
    points = capacity["breaking_points"]
    if not points:
        return {"lead": "Not known yet: no resource has both a limit and a load.", "detail": "", "state": "unknown"}
    first = points[0]
    span = (first["reached"] or {}).get("words", "")
    if first["multiple"] <= 1:
        lead, span = f"Over the limit today: {first['title']}.", ""
    else:
        lead = f"First to run out: {first['title']}, at {times(first['multiple'])} today’s load."
    dates = _dates(first["reached"])
    if not span and first["multiple"] > 1 and first["driver"]:
        span = f"when is not known, it needs {title_of(first['driver'] + '.growth').lower()}"
    rest = ", then ".join(f"{point['title']} at {times(point['multiple'])}" for point in points[1:3])
    detail = [f"{capital(span)}{dates}." if span else "", f"Next: {rest}." if rest else ""]
    return {"lead": lead, "detail": " ".join(filter(None, detail)), "state": "known"}


def pictures(capacity: Mapping[str, Any]) -> dict[str, Any]:
    """Headroom, scenarios, what was seen at work and on what it all rests, as drawings, each with its table."""
    points, scenarios = capacity["breaking_points"], capacity["scenarios"]
    return {
        "ladder": headroom(points, _marks(scenarios), "ladder"),
        "ladder_table": headroom_table(points),
        "basis": basis_of(points),
        "heat": heat_table(scenarios, "heat"),
        "heat_table": heat_rows(scenarios),
        "work": at_work(capacity),
        "rests": rests_view(capacity, ACCENT),
    }


def scenario_cards(capacity: Mapping[str, Any]) -> list[Machine]:
    """A card for each scenario: verdict, why, the first to break, what would help, what is missing."""
    titles = {row["id"]: row["title"] for row in capacity["resources"]}
    return [
        {
            "title": row["title"],
            "given": row["given"],
            "verdict": row["verdict"],
            "slug": row["verdict"].replace(" ", "-"),
            "other": _other(row),
            "reason": row["reason"],
            "first": [titles.get(name, name) for name in row["first_to_break"]],
            "better": [_step(step, titles) for step in row["better"]],
            "needs": row["needs"],
        }
        for row in capacity["scenarios"]
    ]


@dataclass(frozen=True)
class Group:
    """Inputs under one heading, each as its field shows it: those that are known, and those that somebody would have to
    know. A group is folded unless it decides what breaks first or one of it was just typed into; so are its gaps.
    """

    title: str
    known: list[Machine]
    gaps: list[Machine]
    typed: str

    @property
    def said(self) -> str:
        """What the fold holds: "9 known: 6 measured and 3 derived; 2 not known"."""
        counted = Counter(row["grade"] for row in self.known)
        graded = listed([f"{counted[grade]} {grade}" for grade in CONFIDENCE if counted[grade]])
        known = [f"{len(self.known)} known: {graded}"] if self.known else []
        return "; ".join(known + ([f"{len(self.gaps)} not known"] if self.gaps else []))

    @property
    def open(self) -> bool:
        """Whether the group stands open."""
        return self.title == DECIDING or any(row["key"] == self.typed for row in self.known + self.gaps)

    @property
    def unfolded(self) -> bool:
        """Whether its gaps do."""
        return any(row["key"] == self.typed for row in self.gaps)


def input_groups(capacity: Mapping[str, Any], typed: str = "") -> list[Group]:
    """What decides first, groups in the order of the known inputs, then those of which nothing is known.

    `typed` is the key of a change. Each input stands once.
    """
    groups: dict[str, tuple[list[Machine], list[Machine]]] = {}
    deciding = _deciding(capacity["breaking_points"])
    for row in sorted(capacity["inputs"], key=lambda row: row["key"] not in deciding):
        title = DECIDING if row["key"] in deciding else row["group"]
        groups.setdefault(title, ([], []))[0].append(_input(row))
    known = {row["key"] for row in capacity["inputs"]}
    for key in _gaps(capacity):
        if key not in known:
            groups.setdefault(group_of(key), ([], []))[1].append(_gap(key))
    return [Group(title, *rows, typed) for title, rows in groups.items()]


def _deciding(points: Sequence[Mapping[str, Any]]) -> set[str]:
    """The keys behind what breaks first, and behind all that is over its limit today."""
    return {key for n, point in enumerate(points) if n == 0 or point["multiple"] <= 1 for key in point["uses"]}


def policy_choice(policy: Mapping[str, Any]) -> Machine:
    """The profile of thresholds as its field shows it: what is chosen ("" leaves it to the intake), what there is."""
    change = policy["change"]
    without = change["before"] if change else policy
    known = "as the intake says" if without["grade"] == "stated" else "the intake names none"
    names = [("", f"{without['title']}, {known}"), *((row["name"], row["title"]) for row in policy["profiles"])]
    return {
        "chosen": policy["name"] if change else "",
        "names": names,
        "title": policy["title"],
        "suits": policy["suits"],
        "grade": policy["grade"],
        "mark": CONFIDENCE[policy["grade"]],
        "change": change and change | {"at": when(change["at"]), "reason": change["reason"].rstrip(".")},
        "profiles": policy["profiles"],
    }


def moved_rows(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """What moved, in words: title, before, after."""
    return [
        {
            "title": f"{row['title']}{_of(row['what'])}",
            "before": _said(row["what"], row["before"]),
            "after": _said(row["what"], row["after"]),
        }
        for row in rows
    ]


def times(multiple: float) -> str:
    """ "1.4 ×", two digits: a breaking point is never known better."""
    return f"{float(f'{multiple:.2g}'):,g} ×" if multiple < 1000 else "over 1,000 ×"


def capital(text: str) -> str:
    """The text with its first letter large."""
    return text[:1].upper() + text[1:]


def _marks(scenarios: Sequence[Mapping[str, Any]]) -> list[Machine]:
    """Scenarios that are one multiple of everything; those that move drivers apart have no place on one axis.

    Today stands there already.
    """
    marked = ((row["title"], row["factor"]) for row in scenarios)
    return [{"title": title, "multiple": factor} for title, factor in marked if factor and factor != 1]


def _other(row: Mapping[str, Any]) -> str:
    ends = {row.get("verdict_best"), row.get("verdict_worst")} - {row["verdict"], None}
    return " or ".join(sorted(ends))


def _step(step: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    """One change that would help: "stats worker: slots from 5 to 50"."""
    title = titles.get(step["resource"], step["resource"])
    if step["to"] is None:  # no size of it helps: another way is named
        return f"{title}: {step['what']}"
    unit = step["unit"]
    ends = [
        f"{shown(value, unit)} {_unit(unit)}".strip() for value in (step["from"], safe_side(step["from"], step["to"]))
    ]
    carries = f", which carries {digits(rate)} a second" if (rate := step.get("most_per_s")) else ""
    return f"{title}: {step['change']} from {ends[0]} to {ends[1]}{carries}"


def field_of(row: Mapping[str, Any]) -> str:
    """The text of an input's field: what was measured or derived to as many digits as are known, else what was said."""
    return shown(row["value"], row["unit"], KNOWN_DIGITS if row["grade"] in ("measured", "derived") else 6)


def _input(row: Mapping[str, Any]) -> Machine:
    source, change = row["source"], row["change"]
    return {
        "key": row["key"],
        "title": row["title"],
        "group": row["group"],
        "field": field_of(row),
        "unit": _unit(row["unit"]),
        "range": _range(row),
        "grade": row["grade"],
        "mark": CONFIDENCE[row["grade"]],
        "source": source["words"],
        "place": f"{source['file']}:{source['line']}" if source["file"] else "",
        "quote": source["quote"],
        "change": change and _change(change, row["unit"]),
    }


def _gap(key: str) -> Machine:
    unit = unit_of(key)
    blank = dict.fromkeys(("field", "range", "source", "place", "quote"), "")
    return {"key": key, "title": title_of(key), "group": group_of(key), "unit": _unit(unit), **blank} | {
        "grade": "not known",
        "mark": "assumed",
        "change": None,
    }


def _gaps(capacity: Mapping[str, Any]) -> list[str]:
    """Keys that a resource or a scenario asks for in vain, without patterns that still need a name."""
    asked = [key for gap in capacity["unknown"] for key in gap["keys"]]
    asked += [key for row in capacity["scenarios"] for key in row.get("needs_keys", ())]
    return [key for key in dict.fromkeys(asked) if "<" not in key]


def _change(change: Mapping[str, Any], unit: str) -> dict[str, str]:
    before = change["before"]
    was = f"{figure(before['value'], unit)}, {before['grade']}" if before else "not known"
    return {"author": change["author"], "at": when(change["at"]), "reason": change["reason"].rstrip("."), "before": was}


def _range(row: Mapping[str, Any]) -> str:
    if row["low"] == row["high"]:
        return ""
    return f"{shown(row['low'], row['unit'])} to {shown(row['high'], row['unit'])}"


def _unit(unit: str) -> str:
    return "" if unit in ("1", "share") or unit.startswith("bytes") else unit


def _of(what: str) -> str:
    return {"multiple": ": breaks at", "reached": ": reached"}.get(what, "")


def _said(what: str, value: Any) -> str:
    if value is None:
        return "not known"
    if what == "multiple":
        return times(value)
    return _dates(value).strip(" ()") or "not reached" if what == "reached" else value


def _dates(reached: Mapping[str, Any] | None) -> str:
    ends = [when(day) for name in ("from", "to") if (day := (reached or {}).get(name))]
    return f" ({' to '.join(dict.fromkeys(ends))})" if ends else ""
