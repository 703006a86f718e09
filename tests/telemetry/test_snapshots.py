"""Two INFO of one run of a server become what happened between them; anything else is not paired."""

from dataclasses import replace
from pathlib import Path

import pytest

from telemetry.evidence import Evidence, Place
from telemetry.kinds import KINDS
from telemetry.parsers import redis_info
from telemetry.snapshots import KIND, redis_changes
from telemetry.source import Source

FOLDER = Path(__file__).parent / "snapshots"


def rows_of(name: str) -> list[Evidence]:
    """The evidence of a real INFO of Redis 7.0.15, with its file set as the reader does."""
    with (FOLDER / name).open("rb") as stream:
        return [replace(row, file=name) for row in redis_info.parse(Source(name, stream)).evidence]


def test_what_happened_between_two_infos() -> None:
    """Between them: 300 new keys, 600 look-ups that hit, 300 that missed, and a scan whose 1,000 do not count."""
    changes = redis_changes([*rows_of("redis_second.txt"), *rows_of("redis_first.txt")])
    assert len(changes) == 1
    change = changes[0]
    assert change.metrics["window_s"] == pytest.approx(8.039723)
    assert change.metrics["keys_change"] == 300
    assert change.metrics["used_memory_change"] == 1_204_496 - 1_050_560
    assert change.metrics["lookups"] == 900
    assert change.metrics["hit_share"] == pytest.approx(2 / 3)
    assert change.metrics["evicted_per_min"] == 0
    assert change.metrics["connections_per_min"] == pytest.approx(3 * 60 / 8.039723)
    assert "oom_errors" not in change.metrics
    assert change.file == "redis_second.txt"
    assert change.attrs["since"] == "redis_first.txt"
    assert change.place_of("keys_change").quote.startswith("db0:keys=800")
    assert set(change.metrics) <= set(KINDS[KIND])


def test_one_info_or_two_runs_are_no_change() -> None:
    first, second = rows_of("redis_first.txt"), rows_of("redis_second.txt")
    assert redis_changes(first) == []
    assert redis_changes([*first, *first]) == []
    restarted = [replace(row, attrs=dict(row.attrs) | {"run_id": "another"}) for row in second]
    assert redis_changes([*first, *restarted]) == []


def server(file: str, uptime_s: float, **metrics: float) -> Evidence:
    place = Place(1, "run_id:1")
    return Evidence("redis.server", "server", {"uptime_s": uptime_s} | metrics, place, attrs={"run_id": "1"}, file=file)


def test_a_counter_that_was_reset_says_nothing() -> None:
    change = redis_changes([server("a", 100, evicted_keys=50, keys=9), server("b", 160, evicted_keys=3, keys=4)])[0]
    assert "evicted_keys" not in change.metrics
    assert "evicted_per_min" not in change.metrics
    assert change.metrics == {"window_s": 60, "keys_change": -5}


def test_rates_are_over_the_time_between() -> None:
    change = redis_changes([server("a", 100, evicted_keys=50), server("b", 220, evicted_keys=110)])[0]
    assert change.metrics["evicted_per_min"] == 30
