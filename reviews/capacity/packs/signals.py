"""What the application itself publishes, recorded once under names that all alerts and panels use.

A client whose histogram has another name or other labels changes these few lines and nothing else. The histogram is
the one every Prometheus client library makes (`http_request_duration_seconds` with a label of the status).
"""

from typing import Any

Rule = dict[str, Any]

HISTOGRAM, STATUS = "http_request_duration_seconds", "status"
FAILED = f'{{{STATUS}=~"5.."}}'
# Windows of the burn-rate pairs (packs/burn_rate.py) and of the plain alerts
WINDOWS = ("5m", "30m", "1h", "6h", "3d")
COMMENT = (
    f"From your application: a histogram {HISTOGRAM} with a label {STATUS} (200, 503 ...).",
    "If yours has another name or label, change it in this group; everything below uses what is recorded here.",
)


def signals() -> list[Rule]:
    """Recording rules: requests and failed requests per window as counts, the share that fails, and percentiles."""
    rules: list[Rule] = []
    for window in WINDOWS:
        total, failed = f"loadline:http_requests:count{window}", f"loadline:http_errors:count{window}"
        rules += [
            {"record": total, "expr": f"sum(increase({HISTOGRAM}_count[{window}]))"},
            # Without one failed request there is no series of failures: that is zero of them, as long as there are
            # requests at all.
            {
                "record": failed,
                "expr": f"sum(increase({HISTOGRAM}_count{FAILED}[{window}])) or 0 * {total}",
            },
            {"record": f"loadline:http_errors:share{window}", "expr": f"{failed} / ({total} > 0)"},
        ]
    rules += [
        {
            "record": f"loadline:http_{name}:seconds5m",
            "expr": f"histogram_quantile({share}, sum by (le) (rate({HISTOGRAM}_bucket[5m])))",
        }
        for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
    ]
    return rules
