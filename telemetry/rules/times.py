"""How long a route takes, from whichever file measured it."""

import re

from telemetry.evidence import Evidence, EvidenceSet

_FILES = (
    re.compile(r"(?:src/)?app(/.*)/route\.[cm]?[jt]sx?\Z"),
    re.compile(r"(?:src/)?pages(/.*?)\.[cm]?[jt]sx?\Z"),
    re.compile(r"(/?api/.*?)\.[cm]?[jt]sx?\Z"),
)
_GROUP = re.compile(r"/\([^/]*\)")  # a folder that is no part of the address


def timed(evidence: EvidenceSet, metric: str) -> dict[str, Evidence]:
    """By route the row that tells `metric` (ms) with the most requests behind it: access log or traces."""
    found: dict[str, Evidence] = {}
    for kind in ("http.route", "trace.route"):
        for row in evidence.having(kind, metric, "requests"):
            kept = found.get(row.subject)
            if kept is None or row.metrics["requests"] > kept.metrics["requests"]:
                found[row.subject] = row
    return found


def route_of_file(name: str) -> str:
    """The route that a file of a Next.js or Vercel project answers; "" for a glob of several, or another file."""
    if "*" in name:
        return ""
    found = next((match for pattern in _FILES if (match := pattern.match(name))), None)
    return "/" + _GROUP.sub("", found[1]).lstrip("/").removesuffix("/index") if found else ""
