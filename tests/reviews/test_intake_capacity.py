"""What is stated for the capacity model: read, written back without loss, and every problem named by its key path."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.capacity.asked import asked
from reviews.intake import Intake, IntakeError, capacity_to_toml, intake_to_toml, parse_capacity, parse_intake
from reviews.intake_capacity import (
    KINDS,
    NEEDED,
    CapacityIntake,
    Driver,
    Price,
    StatedResource,
    StatedScenario,
    capacity_document,
    capacity_of_document,
)
from reviews.intake_fields import SMALLEST

HEAD = '[engagement]\nclient = "A"\ntitle = "B"\n'
FULL = (
    HEAD
    + """policy = "right-sized"
team = 1
[[driver]]
name = "campaigns"
current = 500
target = 10000
growth_per_month = [0.1, 0.2]
moves = ["queue stats"]
[capacity]
"postgres.pool_size" = 10
"http.peak_factor" = 1.68
"table.public.stats.rows_per_day" = [36000, 432000]
[[resource]]
name = "stats worker"
kind = "window"
component = "queue stats-sync"
critical = true
driver = "campaigns"
capacity = 300
slots = 5
hold_s = [0.2, 1.5]
per = 1
[[scenario]]
name = "B"
title = "1,000 sellers / 10,000 campaigns"
drivers = { campaigns = 10000 }
inputs = { "resource.stats worker.hold_s" = 1.5 }
[[scenario]]
name = "C"
factor = 5
event_hours = 24
[[cost]]
component = "database"
users = 1000
monthly = [150, 200]
[targets]
"http.p95_ms" = 500
[checks]
"release.rollback" = "no"
"""
)


def test_everything_stated_is_read() -> None:
    stated = parse_intake(FULL).capacity
    assert (stated.policy, stated.team) == ("right-sized", 1)
    assert stated.drivers == (Driver("campaigns", 500, 10000, (0.1, 0.2), ("queue stats",)),)
    assert stated.numbers["table.public.stats.rows_per_day"] == (36000, 432000)
    assert stated.resources[0].hold_s == (0.2, 1.5)
    assert stated.scenarios[0].drivers == {"campaigns": 10000}
    assert stated.scenarios[1].event_hours == 24
    assert stated.prices == (Price("database", (150, 200), "today", 1000),)
    assert (stated.targets, stated.checks) == ({"http.p95_ms": 500}, {"release.rollback": "no"})


RESOURCE = '[[resource]]\nname = "a"\nkind = "level"\ncapacity = 1\nper = 1\n'


@pytest.mark.parametrize(
    ("toml", "path", "words"),
    [
        ("team = 1.5\n", "engagement.team", "whole number"),
        ('[capacity]\n"postgres.pool_sise" = 1\n', "capacity.postgres.pool_sise", "did you mean postgres.pool_size"),
        ('[capacity]\n"postgres.pool_size" = "10"\n', "capacity.postgres.pool_size", "number"),
        ('[capacity]\n"postgres.pool_size" = [3, 1]\n', "capacity.postgres.pool_size", "lowest comes first"),
        ('[capacity]\n"postgres.pool_size" = [1]\n', "capacity.postgres.pool_size", "list of two"),
        ('[[driver]]\nname = "a"\ngrowth_per_mnth = 1\n', "driver[1].growth_per_mnth", "did you mean growth_per_month"),
        ('[[driver]]\nname = "a"\ngrowth_per_month = 20\n', "driver[1].growth_per_month", "0.2"),
        ('[[driver]]\nname = "a"\n[[driver]]\nname = "a"\n', "driver", "twice"),
        ('[[resource]]\nname = "a"\nkind = "tabel"\n', "resource[1].kind", "one of"),
        ('[[resource]]\nname = "a"\nkind = "window"\ncapacity = 300\n', "resource[1].slots", "a window needs it"),
        (RESOURCE + 'driver = "sellers"\n', "resource[1].driver", "no [[driver]]"),
        (RESOURCE + "critical = 1\n", "resource[1].critical", "true or false"),
        ('[[scenario]]\nname = "B"\n', "scenario[1]", "needs drivers"),
        ('[[scenario]]\nname = "B"\ndrivers = { campaigns = 1 }\n', "scenario[1].drivers.campaigns", "no [[driver]]"),
        ('[[scenario]]\nname = "B"\ninputs = { "x.y" = 1 }\n', "scenario[1].inputs", "no key"),
        ('[[scenario]]\nname = "B"\nfactor = 5\nevent_hours = 0\n', "scenario[1].event_hours", "above 0"),
        ('[[cost]]\ncomponent = "db"\n', "cost[1].monthly", "missing"),
        ("capacity = 3\n", "engagement.capacity", "unknown"),
        ('[targets]\n"http.p95_ms" = "fast"\n', "targets.http.p95_ms", "number"),
        ('[checks]\n"release.rollback" = "maybe"\n', "checks.release.rollback", "one of"),
        ('[checks]\n"release.rolback" = "yes"\n', "checks.release.rolback", "did you mean release.rollback?"),
        ('[checks]\n"people.operations" = "n/a"\n', "checks.people.operations", "answer yes, no or partly"),
    ],
)
def test_every_problem_names_its_key(toml: str, path: str, words: str) -> None:
    with pytest.raises(IntakeError) as caught:
        parse_intake(HEAD + toml)
    assert [problem for problem in caught.value.problems if problem.startswith(path) and words in problem]


_number = st.just(0.0) | st.floats(SMALLEST, 1e12)
_range = _number | st.tuples(_number, _number).filter(lambda pair: pair[0] < pair[1])
_growth = st.floats(-0.9, -SMALLEST) | st.just(0.0) | st.floats(SMALLEST, 5)
_word = st.text(st.characters(min_codepoint=33, exclude_characters="\x7f", codec="utf-8"), min_size=1, max_size=12)
_name = _word.map(str.strip).filter(bool)
_maybe = st.none() | _range
_drivers = st.lists(
    st.builds(Driver, _name, st.none() | _number, st.none() | _number, st.none() | _growth, st.lists(_name).map(tuple)),
    max_size=3,
    unique_by=lambda row: row.name,
)


@st.composite
def _capacity(draw: st.DrawFn) -> CapacityIntake:
    drivers = tuple(draw(_drivers))
    moved = st.sampled_from(["users", *(row.name for row in drivers)])
    rows = []
    for name in draw(st.lists(_name, max_size=3, unique=True)):
        kind = draw(st.sampled_from(KINDS))
        fields = {entry: draw(_maybe) for entry in ("slots", "peak_factor", "fixed", "hold_s", "per", "capacity")}
        fields |= {entry: draw(_range) for entry in NEEDED[kind]}
        rows.append(StatedResource(name, kind, driver=draw(moved), critical=draw(st.booleans()), **fields))
    scenarios = [
        StatedScenario(name, drivers=draw(st.dictionaries(moved, _range, max_size=2)), factor=draw(_range))
        for name in draw(st.lists(_name, max_size=2, unique=True))
    ]
    return CapacityIntake(
        policy=draw(st.none() | st.just("right-sized")),
        team=draw(st.none() | st.integers(0, 1000)),
        drivers=drivers,
        numbers=draw(st.dictionaries(st.sampled_from(["http.rps_peak", "queue.a.b.slots"]), _range)),
        resources=tuple(rows),
        scenarios=tuple(scenarios),
        prices=tuple(draw(st.lists(st.builds(Price, _name, _range, _name, st.none() | _number), max_size=2))),
        targets=draw(st.dictionaries(_name, _number, max_size=2)),
        checks=draw(
            st.dictionaries(st.sampled_from(sorted(asked())), st.sampled_from(["yes", "no", "partly"]), max_size=2)
        ),
    )


@given(_capacity())
def test_writing_and_reading_gives_the_same(stated: CapacityIntake) -> None:
    intake = Intake("A", "B", capacity=stated)
    assert parse_intake(intake_to_toml(intake)) == intake
    assert capacity_of_document(capacity_document(stated)) == stated


def test_the_tables_alone_are_read_back() -> None:
    stated = parse_intake(FULL).capacity
    alone = parse_capacity(capacity_to_toml(stated))
    assert (alone.resources, alone.scenarios, alone.policy) == (stated.resources, stated.scenarios, None)
    with pytest.raises(IntakeError, match="engagement"):
        parse_capacity(FULL)


def test_targets_are_numbers_ranges_or_one_for_each_phase_and_prices_say_what_they_carry() -> None:
    text = (
        '[engagement]\nclient = "A"\ntitle = "B"\n'
        '[[cost]]\ncomponent = "Servers"\nmonthly = 250\ncount = 5\ncarries = [900, 1000]\n'
        'unit = "1/s"\nmeant_for = 10000\n[targets]\n"http.p95_ms" = [20, 50]\n"redis.hit_share" = 0.9\n'
        'uptime_share = { today = 0.995, "Phase 2" = 0.999 }\n'
    )
    stated = parse_intake(text)
    (price,) = stated.capacity.prices
    assert (price.count, price.carries, price.unit, price.meant_for) == (5, (900, 1000), "1/s", 10000)
    assert stated.capacity.targets == {
        "http.p95_ms": (20, 50),
        "uptime_share": {"today": 0.995, "Phase 2": 0.999},
        "redis.hit_share": 0.9,
    }
    assert parse_intake(intake_to_toml(stated)) == stated
    with pytest.raises(IntakeError, match=r"targets\.uptime_share"):
        parse_intake(text.replace("0.995", '"high"'))
