"""A load test for k6 with the client's own routes, mix and peak. It refuses to run before it is filled in.

Open loop (`ramping-arrival-rate`): a closed loop waits for slow answers and so hides the queue (METHOD 2.D, coordinated
omission). The script is in `load_test.js`, beside this; only data is put into it.
"""

import re
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import quote

from reviews.capacity.packs.reading import Document, Limit, capacity, first_limit, input_value, name_of
from reviews.capacity.packs.text import one_line, script_data
from reviews.report.figures import figure
from telemetry.routes import route_of

Machine = dict[str, Any]

FILE = "load-test.js"
SCRIPT = Path(__file__).with_name("load_test.js")
# Shares of the peak that a full run passes through on its way up: a step that fails names the load it failed at.
ON_THE_WAY = (0.25, 0.5, 1.0)
# A request whose time nobody measured; k6 prepares more when it is slower.
UNKNOWN_SECONDS = 1.0
_PARAMETER = re.compile(r"\[(\.\.\.)?([A-Za-z_]\w*)\]")
# What k6 can read inside the braces of a threshold's name.
_SELECTABLE = re.compile(r"[\w /.\[\]-]+", re.ASCII)


def load_test(document: Document) -> str:
    """The script, ready for `k6 run`: valid JavaScript whatever routes and flows are called."""
    routes = [_route(row) for row in _rows(document)]
    script = SCRIPT.read_text("utf-8")
    parts = {"/*HEADER*/": _header(document), "/*ROUTES*/[]": script_data(routes), "/*PLAN*/{}": _plan(document)}
    pieces = re.split("(" + "|".join(re.escape(mark) for mark in parts) + ")", script)  # what is put in is not read
    return "".join(parts.get(piece, piece) for piece in pieces)


def one_liners(document: Document) -> list[str]:
    """`ab` and `wrk` for the routes that need nothing filled in: a first look, closed loop, at most three routes.

    Shell commands on one line each; addresses are quoted for a shell.
    """
    simple = [row for row in _rows(document) if row["method"] == "GET" and not _PARAMETER.search(row["route"])]
    lines = []
    for row in simple[:3]:
        address = '"$BASE_URL"' + shlex.quote(_literal(one_line(row["route"])))
        lines += [f"ab -n 1000 -c 10 {address}", f"wrk -t2 -c10 -d30s --latency {address}"]
    return lines


def _rows(document: Document) -> list[Machine]:
    return list((capacity(document, "traffic") or {}).get("routes") or ())


def _route(row: Machine) -> Machine:
    """A route as the script wants it, with what has to be filled in left empty."""
    route = route_of(one_line(row["route"]))
    names = [(match[2], bool(match[1])) for match in _PARAMETER.finditer(route)]
    path: list[str | int] = []
    end = 0
    for number, match in enumerate(_PARAMETER.finditer(route)):
        path += [_literal(route[end : match.start()]), number]
        end = match.end()
    path.append(_literal(route[end:]))
    return {
        "route": route,
        "method": one_line(row["method"], 10),
        "flow": one_line(row["flow"]),
        "share": row["share"],
        "path": path,
        "parameters": [{"name": name, "rest": rest, "values": []} for name, rest in names],
        "query": "",
        "body": None,
        "content_type": "application/json",
        "skip": False,
    }


def _literal(text: str) -> str:
    """Text of a path as it stands in an address."""
    return quote(text, safe="/-._~!$&'()*+,;=:@")


def _plan(document: Document) -> str:
    latency, errors = first_limit(document, "http.p95_ms"), first_limit(document, "http.error_share")
    traffic = capacity(document, "traffic") or {}
    covered = traffic.get("covered")
    return script_data(
        {
            "peak_rps": _peak(document),
            "covered": 1.0 if covered is None else covered,
            "multiples": sorted({*ON_THE_WAY, *_multiples(document)}),
            "seconds": _seconds(_rows(document)),
            "failed": [f"rate<{errors.value:.6f}"] if errors else [],
            "thresholds": _thresholds(_rows(document), latency),
        }
    )


def _peak(document: Document) -> float | None:
    """Requests a second of the busiest minute, of the busiest second where only that is known."""
    return input_value(document, "http.rps_peak") or input_value(document, "http.rps_second")


def _multiples(document: Document) -> list[float]:
    """Multiples of today's load that scenarios ask for, above today's."""
    factors = [row.get("factor") for row in document.get("scenarios") or ()]
    return [round(float(factor), 3) for factor in factors if isinstance(factor, int | float) and factor > 1]


def _seconds(rows: list[Machine]) -> float:
    """Mean of the routes' 95th percentiles, weighted by share: an upper guess of what a request takes."""
    timed = [(row["share"], row["p95_ms"] / 1000) for row in rows if "p95_ms" in row]
    weight = sum(share for share, _ in timed)
    return round(sum(share * seconds for share, seconds in timed) / weight, 4) if weight > 0 else UNKNOWN_SECONDS


def _thresholds(rows: list[Machine], latency: Limit | None) -> list[list[Any]]:
    """[[metric, [condition]]]: one for all, and one for each route, which is what makes k6 tell routes apart.

    Without a target the condition always holds: it is there for its numbers.
    """
    condition = f"p(95)<{latency.value:g}" if latency else "max>=0"
    names = dict.fromkeys(f"{row['method']} {row['route']}" for row in map(_route, rows))
    selectors = [f"http_req_duration{{name:{name}}}" for name in names if _SELECTABLE.fullmatch(name)]
    return [[selector, [condition]] for selector in ["http_req_duration", *selectors]]


def _header(document: Document) -> str:
    traffic = capacity(document, "traffic") or {}
    title = f"Load test of {one_line(name_of(document))} for k6 (https://grafana.com/docs/k6/). Made by Loadline."
    lines = [title, "", _mix(traffic), _targets(document)]
    if not _peak(document):
        lines.append("No export shows your peak: give it as PEAK_RPS.")
    return "\n".join(f"// {line}".rstrip() for line in lines)


def _mix(traffic: Machine) -> str:
    if not traffic.get("routes"):
        return "No route is known: the intake's flows name none and no log was sent. Add them in part 1."
    if traffic.get("grade") == "measured":
        return f"Mix as measured; these routes carry {figure(traffic['covered'], 'share')} of all requests."
    shares = "the shares of users that were stated" if traffic.get("grade") == "stated" else "equal shares (assumed)"
    return f"Mix from {shares}: no log shows how often each route is called, or with which method."


def _targets(document: Document) -> str:
    latency, errors = first_limit(document, "http.p95_ms"), first_limit(document, "http.error_share")
    said = [f"p95 below {latency.value:g} ms ({one_line(latency.source)})"] if latency else []
    said += [f"failed below {figure(errors.value, 'share')} ({one_line(errors.source)})"] if errors else []
    return "Passes with " + ", ".join(said) + "." if said else "No target is known: it measures and judges nothing."
