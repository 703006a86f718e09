"""The growth strategy (S1) from its own facts: phases with triggers, cost by phase, dates from the growth it states."""

import pytest

from reviews.capacity.formulas.growth import months_to
from reviews.capacity.inputs import Change
from reviews.capacity.packs.alerts import alert_rules
from tests.reviews.capacity.seeds import Row, document_of, intake_of, model_of, named, scenario, used

# seed's metric: now, target, growth factor
METRICS = [
    ("daily active users", 500, 50_000, 100),
    ("repositories", 1_000, 500_000, 500),
    ("reviews", 1_000, 100_000, 100),
    ("gigabytes of the database", 10, 5_000, 500),
    ("requests", 10, 1_000, 100),
    ("concurrent reviews", 5, 500, 100),
]
TRIGGERS = [
    [("postgres.connections_share", 0.8), ("http.p95_ms", 2_000), ("queue.waiting", 100), ("http.error_share", 0.01)],
    [("postgres.replica_lag_s", 5), ("queue.oldest_age_s", 300), ("redis.hit_share", 0.7), ("vector.p95_ms", 500)],
    [
        ("http.p95_ms", 500),
        ("ai.cost_per_action", 0.1),
        ("postgres.shard_imbalance", 0.3),
        ("queue.failed_share", 0.05),
    ],
    [("http.uptime_share", 0.999), ("cost.per_user", 5), ("http.p99_ms", 1_000), ("ai.cache_hit_share", 0.6)],
]
PHASES = ("Foundation", "Growth", "Scale", "Enterprise")
# phase: total a month, for each user
COSTS = [("today", 900, 0.90), ("Growth", 4_800, 0.48), ("Scale", 17_000, 0.34), ("Enterprise", 32_000, 0.32)]


@pytest.fixture(scope="module")
def strategy() -> Row:
    return document_of("s1")


@pytest.fixture(scope="module")
def cost(strategy: Row) -> Row:
    found: Row = strategy["capacity"]["cost"]
    return found


def test_s1_01_from_where_to_where(strategy: Row) -> None:
    engagement = strategy["engagement"]
    assert (engagement["current_mau"], engagement["target_mau"]) == (1_000, 100_000)
    assert len(strategy["capacity"]["phases"]) == 4


def test_s1_02_the_parts_of_the_system_and_their_roles(strategy: Row) -> None:
    parts = {row["name"]: row["role"] for row in strategy["engagement"]["parts"]}
    assert parts == {
        "nextjs": "web application",
        "vercel": "hosting",
        "postgres": "database",
        "prisma": "database access",
        "pinecone": "vector store",
        "inngest": "queue and jobs",
        "Better Auth": "sign-in",
        "Gemini": "language model",
        "Polar": "payments",
    }


@pytest.mark.parametrize(("metric", "now", "target", "factor"), METRICS)
def test_s1_03_key_metrics_and_their_factor(strategy: Row, metric: str, now: float, target: float, factor: int) -> None:
    inputs = strategy["capacity"]["inputs"]
    found = [named(inputs, f"driver.{metric}{end}", "key")["value"] for end in ("", ".target")]
    assert found == [now, target]
    (said,) = [part for part in scenario(strategy, "target")["given"].split("; ") if part.lower().startswith(metric)]
    assert said.endswith(f" {factor} times")


def test_s1_03_concurrent_reviews_by_littles_law(strategy: Row) -> None:
    """1,000 a day of 120 s are 1.39 at once, and 100,000 are 139; the strategy says 5 and more than 500."""
    assert used(strategy, "today", "reviews at once")["load"] == pytest.approx(1.389, abs=0.001)
    assert used(strategy, "target", "reviews at once")["load"] == pytest.approx(138.9, abs=0.1)


def test_s1_04_four_phases(strategy: Row) -> None:
    rows = [(row["name"], row["from"], row["to"]) for row in strategy["capacity"]["phases"]]
    assert rows == [
        ("Foundation", 0, 1_000),
        ("Growth", 1_000, 10_000),
        ("Scale", 10_000, 50_000),
        ("Enterprise", 50_000, None),
    ]
    assert [row["current"] for row in strategy["capacity"]["phases"]] == [False, True, False, False]


def test_x10_phases_come_when_the_stated_growth_brings_them(strategy: Row) -> None:
    """At 20 % a month 1,000 users are 10,000 in 12.6 months, not in 6, and 100,000 in 25.3, not from the 13th on."""
    reached = [row["reached"] and row["reached"]["words"] for row in strategy["capacity"]["phases"]]
    assert reached == [None, None, "in about 13 months", "in about 21 months"]
    assert months_to(100, 0.2) == pytest.approx(25.3, abs=0.05)


def test_s1_13_20_27_what_runs_out_in_each_phase(strategy: Row) -> None:
    """Five reviews at once, of which 1.39 are used: at the latest at 3.6 times as many, before the phase Scale."""
    phases = {row["name"]: row["runs_out"] for row in strategy["capacity"]["phases"]}
    (row,) = phases.pop("Growth")
    assert (row["title"], row["multiple"], row["latest"]) == ("reviews at once", pytest.approx(3.6, rel=1e-4), True)
    assert row["reached"] == "in about 7 months"
    assert phases == {"Foundation": [], "Scale": [], "Enterprise": []}


def test_s1_20_27_what_the_later_phases_ask_for(strategy: Row) -> None:
    """Technologies that wait for their phase, and the targets it brings: 99.99 %, half a second, 0.32 a user."""
    redesign = strategy["capacity"]["redesign"]
    waiting = [[row["ref"] for row in redesign[name]["rows"]] for name in ("next_phase", "phase_after")]
    assert waiting[0] == ["sharding"]
    assert {"event-streaming", "distributed-sql"} <= set(waiting[1])
    rows = [row for row in strategy["capacity"]["targets"] if row["by"] == "Enterprise"]
    goals = {row["metric"]: row["target"]["value"] for row in rows if row["grade_of_target"] == "stated"}
    assert goals == {
        "http.uptime_share": 0.9999,
        "http.p95_ms": 500,
        "http.error_share": 0.0001,
        "cost.per_user": 0.32,
    }


def test_s1_07_x9_columns_are_quoted_as_the_schema_writes_them(strategy: Row) -> None:
    """Unquoted, userId would become userid, which no table has."""
    snippets = [finding["snippet"] for finding in strategy["findings"] if finding["rule"] == "PG030"]
    assert snippets == [
        'CREATE INDEX CONCURRENTLY "repository_userId_idx" ON repository ("userId");',
        'CREATE INDEX CONCURRENTLY "review_repositoryId_idx" ON review ("repositoryId");',
    ]


@pytest.mark.parametrize("phase", range(4), ids=["S1-12", "S1-19", "S1-26", "S1-33"])
def test_s1_12_19_26_33_triggers_of_each_phase(strategy: Row, phase: int) -> None:
    rows = [row for row in strategy["capacity"]["phases"][phase]["triggers"] if row["own"]]
    assert [(row["measure"], row["limit"]) for row in rows] == TRIGGERS[phase]
    assert all(row["action"] and row["source"].startswith("growth strategy, phase") for row in rows)
    unknown = [row for row in rows if row["status"] == "not measured"]
    assert all(row["value"] is None and row["needs"] for row in unknown)


def test_s1_15_x11_five_at_once_are_enough_at_the_mean(strategy: Row) -> None:
    """A use of 28 % and a wait of half a second: no bottleneck. Without a peak factor nothing is said of the peak."""
    part = named(strategy["capacity"]["resources"], "reviews at once")
    assert part["used_mean"] == pytest.approx(0.278, abs=0.001)
    assert part["wait"]["mean"]["mean_s"] == pytest.approx(0.49, abs=0.005)
    assert part["wait"]["mean"]["formula"].startswith("Erlang C")
    assert (part["wait"]["peak"], scenario(strategy, "today")["verdict"]) == (None, "not known")
    assert "resource.reviews at once.peak_factor" in strategy["capacity"]["unknown"][0]["keys"]


def test_x11_at_three_and_a_half_times_the_mean_they_are_not() -> None:
    words = Change("consultant", "2026-03-01T12:00:00+00:00", "evenings of release days", None)
    model = model_of(intake_of("s1"), {"resource.reviews at once.peak_factor": (3.5, words)})
    part = named(model["resources"], "reviews at once")
    assert part["used_peak"] == pytest.approx(0.972, abs=0.001)
    assert part["wait"]["peak"]["mean_s"] == pytest.approx(805, abs=1)
    assert model["breaking_points"][0]["multiple"] * 3_500 == pytest.approx(3_600, rel=1e-4)


def test_s1_21_31_sharding_and_kafka_wait_for_their_phase(strategy: Row) -> None:
    rows = strategy["capacity"]["right_sizing"]["rows"]
    limits = {slug: named(rows, slug, "slug")["criteria"][0] for slug in ("sharding", "event-streaming")}
    assert [(row["limit"], row["value"]) for row in limits.values()] == [(10_000, 1_000), (50_000, 1_000)]
    assert all(named(rows, slug, "slug")["verdict"] in ("skip", "not yet") for slug in limits)


@pytest.mark.parametrize(("phase", "total", "per_user"), COSTS)
def test_s1_34_cost_by_phase_and_user(cost: Row, phase: str, total: float, per_user: float) -> None:
    row = named(cost["phases"], phase, "phase")
    assert (row["total"]["value"], row["per_user"]["value"]) == (total, pytest.approx(per_user))
    assert [part["component"] for part in row["components"]] == ["Compute", "Database", "AI", "Vector DB"]


def test_s1_35_a_tactic_saves_what_can_be_computed_and_nothing_else(cost: Row) -> None:
    """The strategy says 40, 30 and 25 %; none of its facts gives a share, so each tactic says what it needs."""
    assert {row["area"] for row in cost["savings"]} == {"ai", "database", "compute"}
    assert len(cost["savings"]) == 10
    assert all(row["share"] is None and row["monthly"] is None and row["needs"] for row in cost["savings"])


def test_s1_40_cost_of_a_review(cost: Row) -> None:
    """500 a month over 30,000 reviews: below the target of 0.05."""
    found = cost["ai"]["per_action"]
    assert (found["value"], found["grade"]) == (pytest.approx(0.0167, abs=0.0001), "stated")


def test_s1_41_alerts(strategy: Row) -> None:
    rows = [row for row in strategy["capacity"]["policy"]["thresholds"] if row["own"]]
    alerts = [(row["role"], row["measure"], row["value"]) for row in rows if row["role"] in ("critical", "warning")]
    assert alerts == [
        ("critical", "http.error_share", 0.01),
        ("critical", "postgres.connections_share", 0.9),
        ("critical", "queue.waiting", 500),
        ("warning", "http.p95_ms", 2_000),
        ("warning", "redis.hit_share", 0.7),
    ]
    assert "groups:" in alert_rules(strategy)


def targets(strategy: Row, metric: str) -> list[tuple[str, float]]:
    rows = [row for row in strategy["capacity"]["targets"] if row["metric"] == metric]
    return [(row["by"], row["target"]["value"]) for row in rows]


def test_s1_42_the_roadmap_by_weeks_month_and_quarter(strategy: Row) -> None:
    """One engineer, as nobody said how many: every ticket that its facts give ends within two weeks."""
    roadmap = strategy["capacity"]["roadmap"]
    assert [(row["title"], row["from_day"], row["to_day"]) for row in roadmap["windows"]] == [
        ("Weeks 1 and 2", 0, 10),
        ("Month 1", 10, 20),
        ("Quarter 1", 20, 60),
        ("Later", 60, None),
    ]
    assert (roadmap["engineers"], roadmap["grade"], roadmap["needs"]) == (1, "assumed", ["engineers in the intake"])
    placed = [row for window in roadmap["windows"] for row in window["tickets"]]
    assert sorted(row["ticket"] for row in placed) == sorted(ticket["id"] for ticket in strategy["tickets"])
    ends = {row["ticket"]: row["ends_day"] for row in placed}
    assert all(ends[need] <= row["starts_day"] for row in placed for need in row["needs"])
    assert max(ends.values()) == roadmap["ends_day"] <= 10


KPIS = [
    ("http.uptime_share", [0.995, 0.999, 0.9995, 0.9999]),
    ("http.p95_ms", [3_000, 2_000, 1_000, 500]),
    ("http.error_share", [0.01, 0.005, 0.001, 0.0001]),
    ("cost.per_user", [0.90, 0.48, 0.34, 0.32]),
]


@pytest.mark.parametrize(("metric", "values"), KPIS)
def test_s1_43_targets_of_each_phase(strategy: Row, metric: str, values: list[float]) -> None:
    assert targets(strategy, metric) == list(zip(PHASES, values, strict=True))


def test_s1_39_40_43_what_stands_beside_the_targets(strategy: Row) -> None:
    """Cost of a user is computed; of the others no export tells, and each says which would."""
    rows = strategy["capacity"]["targets"]
    assert {(row["metric"], row["status"]) for row in rows if row["by"] == "Foundation"} == {
        ("cost.per_user", "met"),
        ("http.error_share", "not measured"),
        ("http.p95_ms", "not measured"),
        ("http.uptime_share", "not measured"),
    }
    assert all(row["needs"] for row in rows if row["status"] == "not measured")
    assert "From 0.9 to 0.48 is 1.88 times." in [word for row in rows for word in row["words"]]
    action = named(rows, "ai.cost_per_action", "metric")
    assert (action["current"]["value"], action["status"]) == (pytest.approx(0.0167, abs=0.0001), "met")


def test_s1_47_48_what_to_keep_and_what_comes_later(strategy: Row) -> None:
    later = {row["title"] for row in strategy["capacity"]["right_sizing"]["later"]}
    assert {"Distributed SQL database", "Kafka or another event log", "Sharded database"} <= later
