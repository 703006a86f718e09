"""Settings: pg_settings, or SHOW ALL, which writes values with their unit.

Units: https://www.postgresql.org/docs/current/config-setting.html
"""

import re

from telemetry.parsers.pg_views import Fields, Metrics, View, view_parser

HOW = "psql -c \"\\copy (select name, setting, unit, source, boot_val from pg_settings) to 'settings.csv' csv header\""
_BYTES = {"B": 1, "kB": 1024, "8kB": 8192, "16kB": 16_384, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}
_MS = {"us": 0.001, "ms": 1.0, "s": 1_000.0, "min": 60_000.0, "h": 3_600_000.0, "d": 86_400_000.0}
_VALUE = re.compile(r"(-?\d+(?:\.\d+)?) ?(B|kB|MB|GB|TB|us|ms|s|min|h|d)?\Z")


def _derive(fields: Fields, metrics: Metrics) -> None:
    """A switch as 1 or 0; else the number in bytes, ms or as it is.

    -1 ("off", "default") is a plain number whatever its unit.

    SHOW ALL writes a timeout of 0 without its unit.
    """
    if fields["setting"].lower() in ("on", "off"):
        metrics["on"] = float(fields["setting"].lower() == "on")
    found = _VALUE.match(fields["setting"])
    if found is None:
        return
    value, unit = float(found[1]), found[2] or fields.get("unit", "")
    if value >= 0 and unit in _BYTES:
        metrics["bytes"] = value * _BYTES[unit]
    elif value >= 0 and (unit in _MS or (value == 0 and fields["name"].endswith("_timeout"))):
        metrics["ms"] = value * _MS.get(unit, 1.0)
    else:
        metrics["value"] = value


VIEW = View(
    kind="pg.setting",
    needed=("name", "setting"),
    foreign=("calls", "key"),
    subject=lambda fields: fields["name"] if re.match(r"[A-Za-z_][\w.]*\Z", fields["name"]) else "",
    metrics={},
    attrs={
        "setting": "setting",
        "unit": "unit",
        "source": "source",
        "boot_val": "boot_val",
        "pending_restart": "pending_restart",
    },
    counted="settings",
    enables=("Connection limit, memory, timeouts and autovacuum as they are set",),
    how=f"Export with: {HOW}",
    derive=_derive,
    note="Settings of the session that made the export; roles and databases may have their own.",
    texts=("name", "description", "short_desc"),
)

PARSER = view_parser(VIEW, "pg-settings", "PostgreSQL settings (pg_settings, SHOW ALL)", HOW)
