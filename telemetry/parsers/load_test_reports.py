"""Reports of vegeta and oha in JSON.

vegeta counts nanoseconds and keeps its rate whatever the answers take, so its latency holds the waiting
(https://github.com/tsenart/vegeta#report---typejson). oha counts seconds
(https://github.com/hatoo/oha#json-output).
"""

from telemetry.evidence import ParseError
from telemetry.parsers.load_test_reader import Reader, number
from telemetry.parsers.load_test_run import Measured, finish
from telemetry.parsers.ops_values import read_time, widen
from telemetry.parsers.readers import Member

VEGETA = frozenset(("latencies", "requests", "rate", "status_codes"))
OHA = frozenset(("summary", "latencyPercentiles", "statusCodeDistribution"))
REPORTS = (VEGETA, OHA)
CLOSED = "The tool sends the next request after the last answer: waiting is hidden, so latency is a lower bound."
_VEGETA = {"mean": "mean_ms", "50th": "p50_ms", "90th": "p90_ms", "95th": "p95_ms", "99th": "p99_ms", "max": "max_ms"}
_OHA = {"p50": "p50_ms", "p75": "p75_ms", "p90": "p90_ms", "p95": "p95_ms", "p99": "p99_ms"}


def read_report(reader: Reader, top: dict[str, Member], known: frozenset[str]) -> None:
    """Read one report; ParseError without a count of requests."""
    run = _vegeta(reader, top) if known is VEGETA else _oha(reader, top)
    if "requests" not in run.values:
        raise ParseError("This report holds no count of requests; run the test again and send its JSON.")
    run.share_failures()
    finish(reader.result, run, [])


def _vegeta(reader: Reader, top: dict[str, Member]) -> Measured:
    reader.result.carrier = "vegeta"
    run = Measured("load.run", "run", reader.place(top["requests"]), attrs={"tool": "vegeta", "closed_loop": False})
    run.put("requests", number(top["requests"].value))
    _put(reader, run, "rps", top.get("throughput"))
    _put(reader, run, "window_s", top.get("duration"), 1e-9)
    latencies = reader.members(top["latencies"])
    for name, metric in _VEGETA.items():
        _put(reader, run, metric, latencies.get(name), 1e-6)
    received = reader.members(top["bytes_in"]) if "bytes_in" in top else {}
    _put(reader, run, "bytes", received.get("total"))
    _statuses(reader, run, top["status_codes"], unanswered="0")
    for name in ("earliest", "end"):
        try:
            widen(reader.result, read_time(top[name].value) if name in top else None)
        except ValueError:
            continue
    return run


def _oha(reader: Reader, top: dict[str, Member]) -> Measured:
    """Requests are all that were answered, and those that ended in an error of the connection."""
    reader.result.carrier = "oha"
    run = Measured("load.run", "run", reader.place(top["summary"]), attrs={"tool": "oha", "closed_loop": True})
    summary, percentiles = reader.members(top["summary"]), reader.members(top["latencyPercentiles"])
    _put(reader, run, "mean_ms", summary.get("average"), 1e3)
    _put(reader, run, "max_ms", summary.get("slowest"), 1e3)
    _put(reader, run, "rps", summary.get("requestsPerSec"))
    _put(reader, run, "window_s", summary.get("total"))
    _put(reader, run, "bytes", summary.get("totalData"))
    for name, metric in _OHA.items():
        _put(reader, run, metric, percentiles.get(name), 1e3)
    errors = reader.members(top["errorDistribution"]) if "errorDistribution" in top else {}
    lost = sum(number(entry.value) or 0.0 for entry in errors.values())
    answered = _statuses(reader, run, top["statusCodeDistribution"], unanswered="")
    run.put("requests", answered + lost, reader.place(top["statusCodeDistribution"]))
    run.put("failed", run.values["failed"] + lost)
    run.put("connection_errors", lost)
    reader.result.notes.append(CLOSED)
    return run


def _put(reader: Reader, run: Measured, metric: str, entry: Member | None, factor: float = 1.0) -> None:
    value = number(entry.value) if entry else None
    if entry and value is not None:
        run.put(metric, value * factor, reader.place(entry))


def _statuses(reader: Reader, run: Measured, holder: Member, unanswered: str) -> float:
    """Put failures by status; the answer is how many requests there were. 429 stands apart."""
    counts = {entry.key: number(entry.value) or 0.0 for entry in reader.document.members(holder.value_at)}
    for digit in "45":
        run.put(f"status_{digit}xx", sum(n for code, n in counts.items() if code[:1] == digit), reader.place(holder))
    run.put("rate_limited", counts.get("429", 0.0), reader.place(holder))
    lost = counts.get(unanswered, 0.0) if unanswered else 0.0
    if unanswered:
        run.put("connection_errors", lost, reader.place(holder))
    run.put("failed", run.values["status_4xx"] + run.values["status_5xx"] + lost, reader.place(holder))
    return sum(counts.values())
