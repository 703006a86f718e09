"""Replication slots: pg_replication_slots. One that nobody reads keeps the server's WAL for ever."""

from telemetry.parsers.pg_views import View, view_parser

HOW = "psql -c \"\\copy (select now() as captured_at, * from pg_replication_slots) to 'slots.csv' csv header\""

VIEW = View(
    kind="pg.slot",
    needed=("slot_name", "slot_type|restart_lsn", "active"),
    subject=lambda fields: fields["slot_name"],
    metrics={"active": ("active",), "safe_wal_bytes": ("safe_wal_size",)},
    attrs={"slot_type": "slot_type", "database": "database", "wal_status": "wal_status", "active_pid": "active_pid"},
    counted="slots",
    enables=("Slots that nobody reads and that hold back WAL and vacuum",),
    how=f"Export with: {HOW}",
    note="One moment; how long a slot has been inactive is told from PostgreSQL 17 on only.",
    texts=("slot_name",),
)

PARSER = view_parser(VIEW, "pg-replication-slots", "PostgreSQL replication slots (pg_replication_slots)", HOW)
