"""The right-sized guide (S4) from its own facts: one developer, fewer than 1,000 users, nothing to build yet."""

import pytest

from tests.reviews.capacity.seeds import Row, document_of, named


@pytest.fixture(scope="module")
def guide() -> Row:
    return document_of("s4")


@pytest.fixture(scope="module")
def sized(guide: Row) -> Row:
    found: Row = guide["capacity"]["right_sizing"]
    return found


def alarms(guide: Row) -> list[Row]:
    return [row for row in guide["capacity"]["policy"]["thresholds"] if row["role"] == "warning" and row["own"]]


def checklist(sized: Row, slug: str) -> Row:
    return named(sized["checklists"], slug, "slug")


def test_s4_01_for_whom_the_guide_is(guide: Row) -> None:
    policy = guide["capacity"]["policy"]
    assert (guide["engagement"]["client"], policy["name"], policy["grade"]) == ("TestApp", "right-sized", "stated")
    assert policy["suits"].startswith("a small team")


def test_s4_02_the_honest_truth(sized: Row) -> None:
    assert sized["said"].startswith(
        "999 users, 1 person: with fewer than 1,000 users and a team of 1, nothing is added"
    )


SKIPPED = (
    "Microservices",
    "Kubernetes",
    "Event sourcing",
    "GraphQL federation",
    "Several regions",
    "Redis cluster",
    "Read replica",
    "Message queue",
    "Separate read and write models",
)


def test_s4_03_all_nine_technologies_wait(sized: Row) -> None:
    rows = sized["rows"][:9]
    assert tuple(row["title"] for row in rows) == SKIPPED
    assert {row["verdict"] for row in rows} == {"skip"}
    assert all(row["why"] and row["skip_until"] and row["reason"] for row in rows)


LIMITS = [("microservices", 20), ("redis-cluster", 10_000), ("read-replica", 0.7), ("read-replica", 10)]


@pytest.mark.parametrize(("slug", "limit"), LIMITS)
def test_s4_03_until_when(sized: Row, slug: str, limit: float) -> None:
    criteria = named(sized["rows"], slug, "slug")["criteria"]
    assert limit in [row["limit"] for row in criteria]


def test_s4_04_indexes_as_far_as_a_schema_tells(guide: Row) -> None:
    assert named(guide["findings"], "PG030", "rule")["subject"]["name"] == "attachment(record_id)"
    assert any("pg_stat_statements" in need for need in named(guide["not_assessed"], "PG001", "rule")["needs"])


def test_s4_05_the_pool_is_an_input(guide: Row) -> None:
    assert named(guide["capacity"]["inputs"], "postgres.pool_size", "key")["value"] == 5


def test_s4_06_11_when_a_cache_graduates_to_redis(sized: Row) -> None:
    found = checklist(sized, "redis-cache")
    texts = [row["text"] for row in found["criteria"]]
    assert [row["limit"] for row in found["criteria"] if row["limit"]] == [100_000_000]
    assert texts[1:] == [
        "The same dear query runs again and again",
        "Several instances need the same cache",
        "Sessions must be read by every instance",
        "The cache must survive a restart",
    ]
    assert found["verdict"] == "skip"


def test_s4_07_the_loop_over_records_asks_for_its_counts(guide: Row) -> None:
    """The code shows the loop, but not how often it runs."""
    need = named(guide["not_assessed"], "PG080", "rule")["needs"][0]
    assert need.startswith("pg_stat_statements: how often the loops over attachment run")


def test_s4_08_slow_work_in_the_request_asks_for_its_times(guide: Row) -> None:
    assert "HTTP access log with the request time" in named(guide["not_assessed"], "QU005", "rule")["needs"]


def test_s4_09_the_list_without_a_limit_asks_for_the_size_of_its_table(guide: Row) -> None:
    need = named(guide["not_assessed"], "PG081", "rule")["needs"][0]
    assert need.startswith("pg_stat_user_tables: how large the tables of record")


def test_s4_10_a_read_replica_waits(sized: Row) -> None:
    found = checklist(sized, "read-replica")
    assert (found["verdict"], found["of"], found["met"]) == ("skip", 3, 0)
    assert [row["text"] for row in found["criteria"]] == [
        "Processor of the database above 70 %",
        "Reads for each write above 10",
        "Reports block the daily work of the database",
    ]


def test_s4_12_a_message_queue_waits(sized: Row) -> None:
    found = checklist(sized, "message-queue")
    assert (found["verdict"], found["of"]) == ("skip", 3)
    assert found["criteria"][0]["said"].endswith("the client says no")


def test_s4_13_a_cdn_waits(sized: Row) -> None:
    found = checklist(sized, "cdn")
    assert (found["verdict"], found["of"]) == ("skip", 3)


def test_s4_14_up_first(sized: Row) -> None:
    rows = {row["resource"]: row for row in sized["vertical"]}
    assert rows["Database processor"]["when"] == "Processor of the database above 70 %"
    assert {row["state"] for row in rows.values()} == {"not known"}
    assert all(row["needs"] for row in rows.values())
    assert "ceiling" in sized["pros_and_cons"]


def test_s4_15_out_has_four_prerequisites(sized: Row) -> None:
    assert sized["horizontal"]["ready"] is None
    assert sized["horizontal"]["said"] == "0 of 4 prerequisites hold, 4 not answered."
    assert [row["text"] for row in sized["horizontal"]["rows"]][:3] == [
        "The application keeps no state in its process",
        "Sessions are stored outside the application",
        "Files are stored outside the application",
    ]


def test_s4_16_x18_the_ladder_says_where_guides_disagree(sized: Row) -> None:
    titles = [rung["title"] for rung in sized["ladder"]["rungs"]]
    assert titles.index("Connection pooler") < titles.index("Larger instance") < titles.index("Read replica")
    assert sized["ladder"]["note"].startswith("The right-sized guide's picture puts the pooler last")
    assert sized["ladder"]["position"] == 1
    assert sized["ladder"]["said"].startswith("Step 1 of 7, indexes and queries")


def test_s4_17_no_runway_is_promised_without_a_machine_in_the_model(sized: Row) -> None:
    """The guide says "plenty"; without a load and a limit there is no number."""
    assert sized["runway"]["multiple"] is None
    assert sized["runway"]["said"].startswith("Not computed: needs")


def test_s4_18_what_must_be_watched_first(guide: Row) -> None:
    titles = [ticket["title"] for ticket in guide["tickets"] if ticket["kind"] == "visibility"]
    assert "Add route-level rate, errors and duration" in titles
    assert "Collect query statistics with pg_stat_statements" in titles


def test_s4_19_four_alarms(guide: Row) -> None:
    found = [(row["measure"], row["value"], row["minutes"]) for row in alarms(guide)]
    assert found == [
        ("host.cpu_share", 0.7, 5),
        ("host.memory_share", 0.8, 0),
        ("http.error_share", 0.01, 0),
        ("http.p95_ms", 2_000, 0),
    ]


def test_x18_what_other_guides_say_stands_beside_each_threshold(guide: Row) -> None:
    policy = guide["capacity"]["policy"]
    latency = alarms(guide)[3]
    others = {row["profile"]: row["value"] for row in latency["others"]}
    assert others == {"growth": 2_000, "strict": 500}
    assert policy["disagreements"] > 0
    assert latency["source"]


def test_s4_20_three_ways_to_keep_tenants_apart(sized: Row) -> None:
    rows = [(row["isolation"], row["complexity"], row["effort"]) for row in sized["isolation"]["rows"]]
    assert rows == [("low", "low", "easy"), ("medium", "medium", "moderate"), ("high", "high", "hard")]
    assert (sized["isolation"]["recommended"], sized["isolation"]["grade"]) == ("shared", "stated")


def test_s4_21_a_forgotten_filter_is_an_open_question(guide: Row) -> None:
    assert named(guide["not_assessed"], "TE010", "rule")["needs"] == ["pg_stat_statements as CSV"]
