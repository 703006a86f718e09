"""The rule file: what Prometheus itself says of it, which alert follows from which threshold, when an alert speaks."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.capacity.packs.alerts import alert_rules
from reviews.capacity.packs.burn_rate import burn_rate
from reviews.capacity.packs.reading import Limit
from tests.reviews.capacity.packs.making import HOSTILE, PROMTOOL, document, hostile, needs_promtool, target, threshold

Rule = dict[str, Any]

# The fields Prometheus knows: https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/
ALERT, RECORD = {"alert", "expr", "for", "labels", "annotations"}, {"record", "expr"}


def loaded(text: str) -> Any:
    return yaml.load(text, Loader=yaml.CSafeLoader)  # as safe_load, ten times as fast


def groups_of(text: str) -> dict[str, list[Rule]]:
    return {group["name"]: group["rules"] for group in loaded(text)["groups"]}


def alerts_of(text: str) -> list[Rule]:
    return [rule for rules in groups_of(text).values() for rule in rules if "alert" in rule]


def named(text: str, name: str) -> list[Rule]:
    return [rule for rule in alerts_of(text) if rule["alert"] == name]


def check_shape(text: str) -> None:
    """What promtool checks apart from expressions, for machines without it."""
    document = loaded(text)
    assert set(document) == {"groups"}
    for group in document["groups"]:
        assert set(group) == {"name", "rules"}
        assert group["rules"]
        for rule in group["rules"]:
            assert set(rule) <= (ALERT if "alert" in rule else RECORD)
            assert rule["expr"]
            assert re.fullmatch(r"\d+m", rule.get("for", "1m"))
            pairs = (rule.get("labels", {}) | rule.get("annotations", {})).items()
            assert all(re.fullmatch(r"[a-zA-Z_]\w*", name) and isinstance(value, str) for name, value in pairs)


@needs_promtool
@pytest.mark.parametrize("made", [document(), hostile(), {}], ids=["usual", "hostile", "empty"])
def test_prometheus_accepts_the_file(made: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "alerts.yml").write_text(alert_rules(made))
    ran = subprocess.run([str(PROMTOOL), "check", "rules", tmp_path / "alerts.yml"], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("made", [document(), hostile(), {}], ids=["usual", "hostile", "empty"])
def test_the_file_has_the_shape_of_a_rule_file(made: dict[str, Any]) -> None:
    check_shape(alert_rules(made))
    assert alert_rules(made) == alert_rules(made)


# alert, system's threshold as it stands in the expression, severity
EXPECTED = [
    ("HighErrorShare", "> 0.01 and", "critical"),
    ("SlowRequests", "> 0.5", "warning"),  # the client's 500 ms in place of the profile's 2 s
    ("PostgresConnectionsNearLimit", "> 0.9", "critical"),
    ("PostgresReplicaBehind", "> 5", "warning"),  # the trigger of the earliest phase
    ("RedisMemoryNearLimit", "> 0.8", "warning"),  # the policy's word for near
    ("RedisLowHitShare", "< 0.7", "warning"),
    ("RedisEvicting", "> 0", "warning"),
]


@pytest.mark.parametrize(("name", "limit", "severity"), EXPECTED)
def test_a_threshold_becomes_an_alert(name: str, limit: str, severity: str) -> None:
    (rule,) = named(alert_rules(document()), name)
    assert limit in rule["expr"]
    assert rule["labels"]["severity"] == severity
    assert rule["annotations"]["action"]
    assert rule["annotations"]["threshold"]


def test_what_has_no_threshold_is_not_written_and_says_so() -> None:
    text = alert_rules(document(policy={"thresholds": []}, targets=[]))
    assert {rule["alert"] for rule in alerts_of(text)} == {"RedisEvicting"}
    assert "PoolClientsWaiting: not written" in text
    assert "http.uptime_share under [targets]" in text


def test_only_systems_that_the_client_has_are_watched() -> None:
    text = alert_rules(document(systems={"names": ["http"], "queues": []}))
    assert set(groups_of(text)) == {"loadline-signals", "loadline-objectives", "loadline-http"}


def test_alerts_link_the_findings_about_them() -> None:
    text = alert_rules(document())
    assert named(text, "PostgresConnectionsNearLimit")[0]["annotations"]["findings"] == "PG006-1"
    backlog = {rule["labels"]["queue"]: rule["annotations"] for rule in named(text, "QueueBacklog")}
    assert backlog["emails"]["findings"] == "QU001-1"
    assert "findings" not in backlog["webhooks"]


def test_every_queue_has_its_alert_and_only_published_ages_are_asked_for() -> None:
    text = alert_rules(document())
    assert [rule["labels"]["queue"] for rule in named(text, "QueueBacklog")] == ["emails", "webhooks"]
    assert [rule["labels"]["queue"] for rule in named(text, "QueueStale")] == ["emails"]


def run_promtool(
    folder: Path,
    groups: list[dict[str, Any]],
    series: dict[str, str],
    at: str,
    alert: Rule,
    kind: str = "alert_rule_test",
) -> None:
    """`promtool test rules`: with these series, `alert` ({alertname, exp_alerts}) is what fires at this time."""
    (folder / "alerts.yml").write_text(yaml.safe_dump({"groups": groups}, allow_unicode=True))
    test = {
        "rule_files": ["alerts.yml"],
        "evaluation_interval": "5m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": name, "values": values} for name, values in series.items()],
                kind: [{"eval_time": at, **alert}],
            }
        ],
    }
    (folder / "test.yml").write_text(yaml.safe_dump(test, allow_unicode=True))
    ran = subprocess.run([str(PROMTOOL), "test", "rules", "test.yml"], capture_output=True, text=True, cwd=folder)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@needs_promtool
@pytest.mark.parametrize("name", [name for name in HOSTILE if name.isprintable()])
def test_a_name_stays_a_name(name: str, tmp_path: Path) -> None:
    """Prometheus, given a series with this very label, fires the alert and prints the name as it is."""
    thresholds = [threshold("queue.waiting", 5, "1", "critical")]
    queues = [{"name": name, "system": "bullmq"}]
    made = document(systems={"names": [], "queues": queues}, policy={"thresholds": thresholds}, targets=[])
    groups = [group for group in loaded(alert_rules(made))["groups"] if group["name"] == "loadline-queues"]
    (rule,) = groups[0]["rules"]
    rule["annotations"] = {"summary": rule["annotations"]["summary"]}
    quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    fires = {
        "exp_labels": {"severity": "critical", "made_by": "loadline", "queue": name},
        "exp_annotations": {"summary": f"Jobs that wait in {name}: above 5"},
    }
    alert = {"alertname": "QueueBacklog", "exp_alerts": [fires]}
    run_promtool(tmp_path, groups, {f'bullmq_job_count{{state="waiting",queue={quoted}}}': "9x15"}, "10m", alert)


# requests a minute, failures a minute, minutes, burn rates that speak at the end
BURNS = [
    ("fast", 600, 30, 65, {"14.4x", "6x", "1x"}),  # 5 % fails: 50 times the budget of 99.9 %
    ("slow", 600, 5, 400, {"6x", "1x"}),  # 0.8 %
    ("within", 6000, 3, 400, set()),  # 0.05 %, half of what the budget allows
    ("few", 1, 1, 5, set()),  # every request fails, but there were five of them
]


@needs_promtool
@pytest.mark.parametrize(
    ("requests", "failures", "minutes", "speaks"), [b[1:] for b in BURNS], ids=[b[0] for b in BURNS]
)
def test_the_burn_rate_alerts_speak_in_time_and_stay_silent_otherwise(
    requests: int, failures: int, minutes: int, speaks: set[str], tmp_path: Path
) -> None:
    wanted = ("loadline-signals", "loadline-objectives")
    groups = [group for group in loaded(alert_rules(document()))["groups"] if group["name"] in wanted]
    for rule in groups[1]["rules"]:
        rule["annotations"] = {}
    fires = [{"exp_labels": rule["labels"]} for rule in groups[1]["rules"] if rule["labels"]["burn"] in speaks]
    metric = "http_request_duration_seconds_count"
    series = {
        f'{metric}{{status="200"}}': f"0+{requests - failures}x{minutes}",
        f'{metric}{{status="503"}}': f"0+{failures}x{minutes}",
    }
    alert = {"alertname": "ErrorBudgetBurning", "exp_alerts": fires}
    run_promtool(tmp_path, groups, series, f"{minutes}m", alert)


@needs_promtool
def test_no_failure_at_all_is_a_share_of_zero_not_an_absent_one(tmp_path: Path) -> None:
    groups = [group for group in loaded(alert_rules(document()))["groups"] if group["name"] == "loadline-signals"]
    series = {'http_request_duration_seconds_count{status="200"}': "0+60x30"}
    name = "loadline:http_errors:share5m"
    asked = {"expr": name, "exp_samples": [{"labels": name, "value": 0}]}
    run_promtool(tmp_path, groups, series, "20m", asked, "promql_expr_test")


# The Site Reliability Workbook, chapter 5: shares of errors for 99.9 %
def test_the_limits_are_those_of_the_workbook() -> None:
    rules = burn_rate(Limit(0.999, "share", "warning", "test"))
    assert [re.findall(r"> (\S+)", rule["expr"]) for rule in rules] == [["0.0144"] * 2, ["0.006"] * 2, ["0.001"] * 2]


@given(st.floats(min_value=-1, max_value=2, allow_nan=False))
def test_a_burn_rate_that_cannot_be_passed_is_not_written(availability: float) -> None:
    limits = [
        float(x)
        for rule in burn_rate(Limit(availability, "share", "", ""))
        for x in re.findall(r"> (\S+)", rule["expr"])
    ]
    assert all(0 < limit <= 1 for limit in limits)
    assert bool(limits) == (0 < 1 - availability < 1)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_no_name_breaks_the_file(queue: str, client: str) -> None:
    made = document(systems={"names": [], "queues": [{"name": queue, "system": "celery"}]}, targets=[])
    made["engagement"]["client"] = client
    made["capacity"]["policy"]["thresholds"] = [threshold("queue.waiting", 500, "1", "critical")]
    text = alert_rules(made)
    check_shape(text)
    text.encode()
    assert len(named(text, "QueueBacklog")) == 1
    assert "{{" not in re.sub(r"\{\{\"\{\{\"\}\}|\{\{ \$value \| humanize \}\}", "", text)


def test_a_target_of_the_client_goes_before_the_profile() -> None:
    made = document(targets=[target("http.error_share", 0.002, "share")])
    (rule,) = named(alert_rules(made), "HighErrorShare")
    assert "> 0.002 " in rule["expr"]
    assert "[targets]" in rule["annotations"]["threshold"]


def test_what_another_profile_lends_gives_way_to_the_chosen_one() -> None:
    lent = threshold("http.error_share", 0.05, "share", "critical", own=False)
    own = threshold("http.error_share", 0.01, "share", "warning")
    assert len(named(alert_rules(document(policy={"thresholds": [lent]}, targets=[])), "HighErrorShare")) == 1
    (rule,) = named(alert_rules(document(policy={"thresholds": [lent, own]}, targets=[])), "HighErrorShare")
    assert (rule["labels"]["severity"], "> 0.01 " in rule["expr"]) == ("warning", True)
