"""Alert rules for Prometheus: the chosen policy's thresholds and the client's targets, for the systems the client runs.

`promtool check rules` accepts the file. Annotations are templates of Go, expressions hold names of the client: both are
escaped (packs/text.py), and the YAML is written by PyYAML.
"""

from collections.abc import Sequence
from typing import Any

import yaml

from reviews.capacity.packs.burn_rate import burn_rate
from reviews.capacity.packs.queues import published
from reviews.capacity.packs.reading import (
    WARNING,
    Document,
    Limit,
    Machine,
    capacity,
    findings_about,
    limits_of,
    name_of,
    target_of,
)
from reviews.capacity.packs.signals import COMMENT, signals
from reviews.capacity.packs.text import annotation, one_line
from reviews.capacity.packs.watches import WATCHES, Watch
from reviews.report.figures import figure

Rule = dict[str, Any]

FILE = "alerts.yml"
DEFAULT_MINUTES = 5  # the wait of both guides that name one, where a threshold names none
MOST_LINKS = 5
_QUEUE_MECHANISMS = {
    "depth": ("backlog", "stalled-consumers", "retry-storm"),
    "age": ("backlog", "stalled-consumers", "long-jobs"),
}
_QUEUE_MEASURES = {"depth": "queue.waiting", "age": "queue.oldest_age_s"}


def alert_rules(document: Document) -> str:
    """The rule file as YAML, the same for the same document; its comments say where each metric comes from."""
    groups = [("loadline-signals", COMMENT, signals()), _objectives(document)]
    groups += [_watched(document, system) for system in _systems(document)]
    groups.append(_queues(document))
    body = "".join(_group(name, comment, rules) for name, comment, rules in groups)
    return "".join(f"# {line}".rstrip() + "\n" for line in _head(document)) + "groups:\n" + body


def _systems(document: Document) -> list[str]:
    return list((capacity(document, "systems") or {}).get("names") or ("http",))


def _head(document: Document) -> list[str]:
    return [
        f"Alert rules of {one_line(name_of(document))} for Prometheus. Made by Loadline.",
        "Check: promtool check rules alerts.yml. Install: put it under rule_files in prometheus.yml, then reload.",
        "severity: critical wakes somebody, warning is read the same day. `findings` are those of the review.",
    ]


def _group(name: str, comment: Sequence[str], rules: Sequence[Rule]) -> str:
    """A group with its comment; of one without rules only the comment, which says what it needs."""
    said = "".join(f"  # {one_line(line, 1_000)}\n" for line in comment)
    if not rules:
        return said
    text = yaml.safe_dump([{"name": name, "rules": list(rules)}], sort_keys=False, allow_unicode=True, width=10_000)
    return said + "".join(f"  {line}\n" for line in text.splitlines())


def _objectives(document: Document) -> tuple[str, list[str], list[Rule]]:
    target = target_of(document, "http.uptime_share")
    rules = burn_rate(target) if target else []
    if not rules:
        return "", ["Error budget: not written. It needs http.uptime_share under [targets] of the intake."], []
    return "loadline-objectives", [f"Error budget of {target.value:g} a month." if target else ""], rules


def _watched(document: Document, system: str) -> tuple[str, list[str], list[Rule]]:
    rules: list[Rule] = []
    comment: list[str] = []
    for watch in (watch for watch in WATCHES if watch.system == system):
        limits = watch_limits(document, watch)
        rules += [_alert(document, watch, limit) for limit in limits]
        comment.append(
            f"{watch.name}: from {watch.exporter}."
            if limits
            else f"{watch.name}: not written. No profile and no target has a threshold of {watch.measure}."
        )
    return f"loadline-{system}", comment, rules


def watch_limits(document: Document, watch: Watch) -> list[Limit]:
    """The thresholds a watch is held to: the target or the policy's, else its word for near; empty without any."""
    found = limits_of(document, watch.measure)
    near = (capacity(document, "policy") or {}).get("near")
    if watch.any_at_all:
        return [Limit(0.0, "1", WARNING, "one is too many: it means that something was thrown away")]
    if not found and watch.of_limit and near:
        return [Limit(float(near), "share", WARNING, "the policy's word for near: this share of what runs out")]
    return found


def _alert(document: Document, watch: Watch, limit: Limit) -> Rule:
    found = findings_about(document, watch.mechanisms)
    expr = f"{watch.expr} {'<' if limit.below else '>'} {limit.value / watch.scale:.6g}{watch.beside}"
    return _rule(watch.name, expr, limit, watch.title, watch.action, found)


def _rule(name: str, expr: str, limit: Limit, title: str, action: str, findings: Sequence[Machine]) -> Rule:
    shown = str(figure(limit.value, limit.unit))
    annotations = {
        "summary": annotation(f"{title}: {'below' if limit.below else 'above'} {shown}"),
        "description": "It is now {{ $value | humanize }}.",
        "action": annotation(action),
        "threshold": annotation(f"{shown}: {limit.source}"),
    }
    if findings:
        annotations["findings"] = annotation(", ".join(str(row["id"]) for row in findings[:MOST_LINKS]))
    return {
        "alert": name,
        "expr": expr,
        "for": f"{limit.minutes or DEFAULT_MINUTES}m",
        "labels": {"severity": limit.severity, "made_by": "loadline"},
        "annotations": annotations,
    }


def _queues(document: Document) -> tuple[str, list[str], list[Rule]]:
    queues = (capacity(document, "systems") or {}).get("queues") or ()
    wheres = dict.fromkeys(published(queue["system"]) for queue in queues)
    comment = [f"Queues: depth {'and age ' if where.age else '(no age) '}from {where.exporter}." for where in wheres]
    rules = [
        _queue_alert(document, queue["name"], measure, expr, limit)
        for queue in queues
        for measure, key in _QUEUE_MEASURES.items()
        if (expr := published(queue["system"]).of(measure, queue["name"]))
        for limit in limits_of(document, key)
    ]
    if queues and not rules:
        comment.append("Not written. No profile and no target has a threshold of queue.waiting or queue.oldest_age_s.")
    return "loadline-queues", comment, rules


def _queue_alert(document: Document, queue: str, measure: str, expr: str, limit: Limit) -> Rule:
    depth = measure == "depth"
    title = f"{'Jobs that wait in' if depth else 'Age of the oldest job in'} {queue}"
    action = (
        "See whether workers run at all, then whether they fail or are slow. Add workers only if what they call can "
        "take more; each worker takes database connections."
    )
    found = findings_about(document, _QUEUE_MECHANISMS[measure], queue)
    name = "QueueBacklog" if depth else "QueueStale"
    rule = _rule(name, f"{expr} > {limit.value:g}", limit, title, action, found)
    return rule | {"labels": rule["labels"] | {"queue": annotation(queue)}}
