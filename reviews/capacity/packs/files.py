"""All packs of a document, by the name of their file, with how each is installed."""

from collections.abc import Iterable

from reviews.capacity.packs import alerts, dashboard, load_test
from reviews.capacity.packs.reading import Document, limits_of, name_of
from reviews.capacity.packs.signals import HISTOGRAM
from reviews.capacity.packs.text import one_line
from reviews.report.figures import listed
from telemetry.rules import RULES
from telemetry.rules.base import Rule

README = "README.md"
# Seconds, 5 ms to 5 s: what client libraries of Prometheus count in, as far as a visitor waits.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
TIMES = ("http.p95_ms", "http.p99_ms")
_MARKDOWN = "\\`*_[]<>#|"


def files_of(document: Document) -> dict[str, str]:
    """{file name: content}: the three packs and a README; every content is text that UTF-8 can hold."""
    return {
        alerts.FILE: alerts.alert_rules(document),
        dashboard.FILE: dashboard.dashboard(document),
        load_test.FILE: load_test.load_test(document),
        README: readme(document),
    }


def readme(document: Document) -> str:
    """How to install each pack and what comes back from it, as Markdown."""
    return (
        "\n\n".join(
            (
                _title(document),
                _ALERTS,
                _buckets(document),
                _DASHBOARD,
                _LOAD_TEST,
                *_first_look(document),
                _read_back(),
            )
        )
        + "\n"
    )


def _title(document: Document) -> str:
    name = "".join(f"\\{char}" if char in _MARKDOWN else char for char in one_line(name_of(document)))
    return f"# Packs for {name}\n\nMade by Loadline from the review. Nothing in these files is a secret."


_ALERTS = f"""## {alerts.FILE}: alert rules for Prometheus

1. Check it: `promtool check rules {alerts.FILE}`.
2. Put it beside `prometheus.yml`, name it under `rule_files:`, and reload (`kill -HUP`, or POST to `/-/reload`).
3. Comments say which exporter each metric comes from, and which alerts were not written and what they need.
4. Alertmanager: send `severity: critical` to whoever is on call, `severity: warning` to a channel."""

_DASHBOARD = f"""## {dashboard.FILE}: dashboard for Grafana

Dashboards > New > Import > Upload, then choose your Prometheus. It uses what {alerts.FILE} records, so install that
first. Lines are the thresholds of the alerts."""

_LOAD_TEST = f"""## {load_test.FILE}: load test for k6

1. Use a copy of production, or a quiet hour with everybody told. Never begin at full load.
2. Fill in part 1 of the script; it refuses to run and says what is missing.
3. Run it small: `k6 run -e BASE_URL=https://staging.example.com {load_test.FILE}` sends 5 % of the peak, reads only.
4. Run it in full: add `-e CONFIRM_FULL=yes`; with `-e UP_TO=5` it goes on to five times the peak.
5. Tokens go into the environment (`-e AUTHORIZATION="Bearer ..."`), not into the file.
6. To learn where more at once stops helping, run it once for each of six loads or more, each a run of its own:
   `-e CONFIRM_FULL=yes -e AT=0.25`, then `AT=0.5`, 1, 1.5, 2, 3. Each writes a summary under its own name; upload them
   all. From six loads, the highest at least four times the lowest, the review draws throughput by load and says where
   it peaks, and nothing beyond twice the highest."""


def _buckets(document: Document) -> str:
    """Buckets of the histogram of times, with one that ends at each limit of the alerts: between two it is guessed."""
    limits = {limit.value / 1000 for name in TIMES for limit in limits_of(document, name) if limit.unit == "ms"}
    bounds = ", ".join(f"{bound:g}" for bound in sorted({*BUCKETS, *limits}))
    named = (
        f" A bucket ends at each limit of an alert ({listed([f'{s:g} s' for s in sorted(limits)])})." if limits else ""
    )
    return f"""## What the application has to count

`{HISTOGRAM}`, a histogram with these buckets in seconds: {bounds}.{named}
Percentiles are read out of buckets, so that one without a bound at the limit says little about it. And of its pool of
database connections how many are at work, idle and waited for; the comments in {alerts.FILE} name the metrics."""


def _first_look(document: Document) -> Iterable[str]:
    lines = load_test.one_liners(document)
    if lines:
        yield (
            "A first look without k6, one route at a time. These tools wait for each answer before they ask again, so "
            "what they\nmeasure is the best case:\n\n"
        ) + "\n".join(f"    {line}" for line in lines)


def _read_back() -> str:
    titles = [rule.title for rule in RULES if _reads_load(rule)]
    listed = "\n".join(f"* {title}" for title in titles)
    return (
        "## Reading the result back\n\n"
        "Upload `load-test-summary.json`, which the test writes (or one for each load), to the review, or name it to "
        "`manage.py\nreview`. It fills in the load that was carried, its 95th percentile and failures as a whole and "
        "by route,\nand answers these questions:\n\n" + listed
    )


def _reads_load(rule: Rule) -> bool:
    return any(kind.startswith("load.") for kind, _ in (*rule.needs, *rule.needs_any))
