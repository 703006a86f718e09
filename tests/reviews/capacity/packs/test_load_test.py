"""The load test: valid JavaScript whatever names it holds, silent until it is filled in, and as mild as it says."""

import json
import re
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.capacity.packs.load_test import load_test, one_liners
from telemetry.evidence import ParseResult
from telemetry.parsers.load_test_json import read_document
from tests.reviews.capacity.packs.making import NODE, document, hostile, needs_node, route, target

Document = dict[str, Any]

STUB = Path(__file__).with_name("k6_stub.mjs")
BASE = {"BASE_URL": "https://test.example.com/"}
FULL = BASE | {"CONFIRM_FULL": "yes"}


def part(script: str, name: str) -> Any:
    """The JSON that was put into the script as `const NAME = ...;`."""
    begin = script.index(f"const {name} = ") + len(f"const {name} = ")
    return json.JSONDecoder().raw_decode(script[begin:])[0]


def filled(script: str, **values: Any) -> str:
    """The script with part 1 filled in as a client would: values of every parameter, a method, a body."""
    routes = part(script, "ROUTES")
    for one in routes:
        for parameter in one["parameters"]:
            parameter["values"] = ["7", "a b/c"]
        one |= {"method": one["method"] or "GET", "body": "{}", **values}
    begin = script.index("const ROUTES = ") + len("const ROUTES = ")
    end = script.index(";\n\n// 2. What was measured")
    return script[:begin] + json.dumps(routes) + script[end:]


def run(script: str, folder: Path, env: dict[str, str], requests: int = 0) -> Any:
    (folder / "load-test.mjs").write_text(script)
    command = [str(NODE), str(STUB), str(folder / "load-test.mjs"), json.dumps(env), str(requests)]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@needs_node
@pytest.mark.parametrize("made", [document(), hostile(), {}], ids=["usual", "hostile", "empty"])
def test_node_accepts_the_script(made: Document, tmp_path: Path) -> None:
    (tmp_path / "load-test.mjs").write_text(load_test(made))
    ran = subprocess.run([str(NODE), "--check", tmp_path / "load-test.mjs"], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


# document, environment, what the refusal must name
REFUSALS = [
    (document(), {}, ["BASE_URL", "/api/books/[id]: values of id"]),
    (document(), {"BASE_URL": "javascript:alert(1)"}, ["BASE_URL"]),
    (document(), BASE | {"WRITES": "yes"}, ["values of id", "POST /api/checkout: body"]),
    (document(traffic=None, inputs=[]), BASE, ["PEAK_RPS", "ROUTES"]),
    (
        document(traffic={"routes": [route("/a/:b", "")], "covered": None}, inputs=[]),
        BASE,
        ["PEAK_RPS", "/a/[id]: method"],
    ),
    (document(), BASE | {"UP_TO": "x"}, ["UP_TO"]),
    (document(), BASE | {"STOP_AT": "5"}, ["STOP_AT"]),
    (document(), BASE | {"AT": "2"}, ["CONFIRM_FULL"]),
]


@needs_node
@pytest.mark.parametrize(("made", "env", "names"), REFUSALS)
def test_it_refuses_to_run_before_it_is_filled_in(
    made: Document, env: dict[str, str], names: list[str], tmp_path: Path
) -> None:
    said = run(load_test(made), tmp_path, env, 10)
    assert said["error"].startswith("Nothing was sent.")
    assert all(name in said["error"] for name in names)


# environment, highest rate a minute of 66 requests a second, 90 % of them covered, reads 80 % of those
PEAK = 66 * 60 * 0.9 * 0.8
RATES = [
    (BASE, 0.05 * PEAK),
    (FULL, PEAK),
    (FULL | {"UP_TO": "3"}, PEAK),
    (FULL | {"UP_TO": "5"}, 5 * PEAK),
    (FULL | {"WRITES": "yes"}, 66 * 60 * 0.9),
    (FULL | {"AT": "2", "UP_TO": "5"}, 2 * PEAK),
    (BASE | {"PEAK_RPS": "1"}, 0.05 * 60 * 0.9 * 0.8),
]


@needs_node
@pytest.mark.parametrize(("env", "highest"), RATES)
def test_it_goes_as_high_as_it_was_told_and_no_higher(env: dict[str, str], highest: float, tmp_path: Path) -> None:
    said = run(filled(load_test(document())), tmp_path, env)
    scenario = said["options"]["scenarios"]["visitors"]
    assert (scenario["executor"], scenario["timeUnit"]) == ("ramping-arrival-rate", "1m")
    targets = [stage["target"] for stage in scenario["stages"]]
    assert max(targets) == max(1, round(highest))
    assert targets[-1] == 0
    assert scenario["preAllocatedVUs"] >= highest / 60 * 0.2  # Little: rate x 200 ms


@needs_node
def test_one_load_alone_is_held_and_its_summary_has_a_name_of_its_own(tmp_path: Path) -> None:
    said = run(filled(load_test(document())), tmp_path, FULL | {"AT": "0.5"})
    stages = said["options"]["scenarios"]["visitors"]["stages"]
    assert [stage["duration"] for stage in stages] == ["5s", "5m", "5s"]
    assert set(said["summary"]) == {"load-test-summary-at-0.5.json", "stdout"}


@needs_node
def test_requests_follow_the_mix_and_writes_stay_out(tmp_path: Path) -> None:
    said = run(filled(load_test(document())), tmp_path, BASE | {"AUTHORIZATION": "Bearer x"}, 2_000)
    names = Counter(given[3]["tags"]["name"] for given in said["sent"])
    assert set(names) == {"GET /api/books/[id]", "GET /api/search"}
    assert 0.70 < names["GET /api/books/[id]"] / 2_000 < 0.80  # 0.6 of 0.8; five standard deviations are 0.05
    assert {given[1] for given in said["sent"]} == {
        "https://test.example.com/api/books/7",
        "https://test.example.com/api/books/a%20b%2Fc",
        "https://test.example.com/api/search",
    }
    assert all(given[3]["headers"] == {"Authorization": "Bearer x"} for given in said["sent"])


@needs_node
def test_writes_are_sent_when_they_were_asked_for(tmp_path: Path) -> None:
    said = run(filled(load_test(document())), tmp_path, BASE | {"WRITES": "yes"}, 200)
    posts = [given for given in said["sent"] if given[0] == "POST"]
    assert posts
    assert all(given[2] == "{}" and given[3]["headers"]["Content-Type"] == "application/json" for given in posts)
    assert all(given[2] is None for given in said["sent"] if given[0] == "GET")


@needs_node
def test_hostile_names_are_sent_as_text_to_the_test_system_only(tmp_path: Path) -> None:
    said = run(filled(load_test(hostile())), tmp_path, BASE | {"PEAK_RPS": "10"}, 500)
    assert len(said["sent"]) == 500
    assert all(re.fullmatch(r"https://test\.example\.com/[^\s\"<>`{}|\\^]+", given[1]) for given in said["sent"])


@needs_node
def test_targets_become_thresholds_and_a_breaking_system_ends_the_test(tmp_path: Path) -> None:
    made = document(targets=[target("http.p95_ms", 400, "ms"), target("http.error_share", 0.002, "share")])
    thresholds = run(filled(load_test(made)), tmp_path, BASE)["options"]["thresholds"]
    assert thresholds["http_req_duration"] == ["p(95)<400"]
    assert thresholds["http_req_duration{name:GET /api/search}"] == ["p(95)<400"]
    assert thresholds["http_req_failed"][0] == "rate<0.002000"
    assert thresholds["http_req_failed"][1] == {"threshold": "rate<0.1", "abortOnFail": True, "delayAbortEval": "30s"}


def test_without_a_target_it_measures_and_judges_nothing() -> None:
    script = load_test(document(policy=None, targets=None))
    assert "judges nothing" in script
    assert part(script, "PLAN")["failed"] == []
    assert {condition for _, (condition,) in part(script, "PLAN")["thresholds"]} == {"max>=0"}


def test_the_peak_is_that_of_the_busiest_minute_else_of_the_busiest_second() -> None:
    assert part(load_test(document()), "PLAN")["peak_rps"] == 66.0
    seconds = document(inputs=[{"key": "http.rps_second", "value": 90.0}])
    assert part(load_test(seconds), "PLAN")["peak_rps"] == 90.0


# as it is called, parameters, path
PATHS = [
    ("/api/orders/[id]/items/[item]", [("id", False), ("id", False)], ["/api/orders/", 0, "/items/", 1, ""]),
    ("/docs/[...slug]", [("slug", True)], ["/docs/", 0, ""]),
    ("/u/:user", [("id", False)], ["/u/", 0, ""]),
    ("/u/<int:pk>/x", [("id", False)], ["/u/", 0, "/x"]),
    ("/", [], ["/"]),
    ("/a b?c#d", [], ["/a%20b"]),
]


@pytest.mark.parametrize(("path", "parameters", "parts"), PATHS)
def test_the_changing_parts_of_a_path_are_to_be_filled_in(path: str, parameters: list[Any], parts: list[Any]) -> None:
    (one,) = part(load_test(document(traffic={"routes": [route(path)], "covered": 1.0})), "ROUTES")
    assert [(parameter["name"], parameter["rest"]) for parameter in one["parameters"]] == parameters
    assert one["path"] == parts


def test_the_review_reads_routes_apart_from_what_the_test_writes() -> None:
    values = {"avg": 1, "min": 1, "med": 1, "max": 2, "p(90)": 2, "p(95)": 2}
    selectors = [selector for selector, _ in part(load_test(document()), "PLAN")["thresholds"]]
    metrics: dict[str, Any] = {selector: {"type": "trend", "values": values} for selector in selectors}
    metrics["http_reqs"] = {"type": "counter", "values": {"count": 10, "rate": 1.0}}
    result = ParseResult()
    read_document(json.dumps({"metrics": metrics, "state": {"testRunDurationMs": 10_000}}).encode(), result)
    endpoints = {row.subject: row.attrs.get("route") for row in result.evidence if row.kind == "load.endpoint"}
    assert endpoints["GET /api/search"] == "/api/search"
    assert endpoints["GET /api/books/[id]"] == "/api/books/[id]"


def test_the_first_look_is_quoted_for_a_shell() -> None:
    made = document(traffic={"routes": [route("/x'; rm -rf ~; '"), route("/y/[id]"), route("/z", "POST")]})
    lines = one_liners(made)
    assert [line.split()[0] for line in lines] == ["ab", "wrk"]
    assert all("; rm" not in line.replace("%20", " ") or "'\"'\"'" in line for line in lines)
    shown = subprocess.run(
        ["sh", "-c", f'set -- {lines[0]}; printf %s "$6"'], capture_output=True, text=True, env={"BASE_URL": "http://t"}
    )
    assert shown.stdout.startswith("http://t/x'")


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.text(max_size=30), st.sampled_from(["GET", "POST", ""]), st.text(max_size=20)), max_size=5)
)
def test_whatever_routes_are_called_the_script_keeps_its_form(rows: list[tuple[str, str, str]]) -> None:
    routes = [route(f"/{path}", method, 0.2, flow) for path, method, flow in rows]
    script = load_test(document(traffic={"routes": routes, "covered": 1.0}))
    assert script[script.index("const ROUTES") :].isascii()
    assert len(part(script, "ROUTES")) == len(rows)
    bare = load_test(document(traffic={"routes": [], "covered": 1.0}))
    after = "\nconst READS"
    assert script[script.index(after) :] == bare[bare.index(after) :]
