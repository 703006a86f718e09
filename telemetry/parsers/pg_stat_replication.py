"""Replicas: pg_stat_replication, one row for each connected replica."""

import re

from telemetry.parsers.pg_views import Fields, Metrics, View, view_parser

HOW = "psql -c \"\\copy (select now() as captured_at, * from pg_stat_replication) to 'replication.csv' csv header\""
_LSN = re.compile(r"([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})\Z")
_INTERVAL = re.compile(r"(?:(\d+) days? ?)?(\d+):(\d\d):(\d\d(?:\.\d+)?)\Z")


def _position(text: str) -> int | None:
    found = _LSN.match(text)
    return (int(found[1], 16) << 32) + int(found[2], 16) if found else None


def _derive(fields: Fields, metrics: Metrics) -> None:
    """Bytes that the replica has not applied of what was sent, and the lags in seconds."""
    sent, replayed = (
        _position(fields.get(f"{name}_lsn") or fields.get(f"{name}_location", ""))  # the names before PostgreSQL 10
        for name in ("sent", "replay")
    )
    if sent is not None and replayed is not None:
        metrics["lag_bytes"] = float(max(sent - replayed, 0))
    for metric, column in (("write_lag_s", "write_lag"), ("flush_lag_s", "flush_lag"), ("replay_lag_s", "replay_lag")):
        if found := _INTERVAL.match(fields.get(column, "")):
            days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
            metrics[metric] = ((days * 24 + hours) * 60 + minutes) * 60 + seconds


VIEW = View(
    kind="pg.replica",
    needed=("sent_lsn|sent_location", "replay_lsn|replay_location|sync_state", "state"),
    subject=lambda fields: fields.get("application_name") or fields.get("pid") or "replica",
    metrics={},
    attrs={"state": "state", "sync_state": "sync_state"},
    counted="replicas",
    enables=("How far replicas are behind",),
    how=f"Export with: {HOW}",
    derive=_derive,
    note="One moment; a replica that is not connected does not stand here.",
    texts=("application_name",),
)

PARSER = view_parser(VIEW, "pg-stat-replication", "PostgreSQL replicas (pg_stat_replication)", HOW)
