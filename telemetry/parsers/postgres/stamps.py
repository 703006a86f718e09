"""Moments as JSON and CSV of all carriers write them, as the log's clock keeps them: a second and its zone."""

import re
from datetime import UTC, datetime

_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,]\d{1,9})? ?(Z|UTC|[A-Za-z]{2,5}|[+-]\d\d(?::?\d\d)?)?\Z"
)
# Seconds, milliseconds, microseconds and nanoseconds since 1970 differ by their size in this century.
_SCALES = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3), (1e8, 1.0))


def moment_of(value: object) -> tuple[bytes, bytes] | None:
    """("2026-01-31 10:00:00", "UTC") of a time in ISO 8601, as the server writes it, or in epoch units; else None.

    A time without a zone has the zone "". Numbers may be given as text.
    """
    if isinstance(value, str):
        if found := _TIME.match(value.strip()):
            zone = "UTC" if found[3] == "Z" else found[3] or ""
            return f"{found[1]} {found[2]}".encode(), zone.encode()
        if not value.replace(".", "", 1).isdigit() or not value.isascii():
            return None
        value = float(value)
    if not isinstance(value, int | float) or isinstance(value, bool) or value >= 1e20:
        return None
    scale = next((scale for least, scale in _SCALES if value >= least), None)
    if scale is None:
        return None
    return datetime.fromtimestamp(value / scale, UTC).strftime("%Y-%m-%d %H:%M:%S").encode(), b"UTC"
