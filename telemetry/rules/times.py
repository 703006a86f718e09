"""How long a route takes, from whichever file measured it."""

import re

from telemetry.evidence import Evidence, EvidenceSet

_FILES = (
    re.compile(r"(?:src/)?app(/.*)/route\.[cm]?[jt]sx?\Z"),
    re.compile(r"(?:src/)?pages(/.*?)\.[cm]?[jt]sx?\Z"),
    re.compile(r"(/?api/.*?)\.[cm]?[jt]sx?\Z"),
)
_GROUP = re.compile(r"/\([^/]*\)")  # a folder that is no part of the address


def timed(evidence: EvidenceSet, route: str, metric: str) -> Evidence | None:
    """The row that tells `metric` (ms) of a route with the most requests behind it: access log or traces."""
    rows = [row for kind in ("http.route", "trace.route") for row in evidence.having(kind, metric, "requests")]
    return max((row for row in rows if row.subject == route), key=lambda row: row.metrics["requests"], default=None)


def route_of_file(name: str) -> str:
    """The route that a file of a Next.js or Vercel project answers; "" for a glob of several, or another file."""
    if "*" in name:
        return ""
    found = next((match for pattern in _FILES if (match := pattern.match(name))), None)
    return "/" + _GROUP.sub("", found[1]).lstrip("/").removesuffix("/index") if found else ""
