"""What the silence of rules says of a check: each is classed on purpose, and silence affirms no control."""

from typing import Any

import pytest

from reviews.capacity.readiness import Check, all_checks
from reviews.capacity.readiness.answers import Heard, answer
from reviews.capacity.redesign import BUILT
from telemetry.kinds.repository import KINDS as REPOSITORY
from telemetry.kinds.schema import KINDS as SCHEMA
from telemetry.kinds.source_code import KINDS as SOURCE
from telemetry.rules import RULES

Row = dict[str, Any]
# A control: what the silence of its rules does not show.
CONTROLS = {
    "database.growth": "no table grew fast so far; whether one has a plan is not seen",
    "database.constraints": "keys and known identities are looked at, orphans are not",
    "database.timeouts": "no statement ran long, or one of three limits is set",
    "worker.async": "no route was slow; whether there are workers is not seen",
    "worker.durable": "only a queue in Redis is looked at",
    "worker.dead-letter": "only brokers that tell it, and code that was sent",
    "api.caching": "no route stood out; what could be cached is not seen",
    "api.dependencies": "no call was slow so far, which is no limit",
    "horizontal.stateless": "one sort of state, in the code that was sent",
    "tenancy.filter": "regular lists alone; a rare read or a row by its id is not seen",
    "integrity.idempotency": "calls carried a key at one provider; other effects are not seen",
    "integrity.duplicates": "nothing was delivered twice so far",
    "integrity.signed": "webhooks in the code that was sent",
    "integrity.buffered": "webhooks in the code that was sent",
    "integrity.counting": "sums in the code that was sent",
    "infrastructure.single-point": "one Redis and the compose file alone",
    "security.rate-limit": "nobody tried",
    "security.secrets": "a file of examples and a Dockerfile alone",
    "observability.routes": "a log has times; that somebody looks at them is not seen",
    "observability.alerts": "people were quick; which errors tell nobody is not seen",
    "observability.database": "two of the settings show in any log, the others only when something happens",
    "release.rollback": "images have versions; that somebody tried to go back is not seen",
    "release.gates": "workflows that were sent; other ways to deploy are not seen",
    "release.migrations": "migrations that were sent, and no error so far",
}
# A condition: what its rules measure.
CONDITIONS = {
    "database.indexes": "rows read and thrown away",
    "database.connections": "connections and waits against their limits",
    "database.queries": "rows and calls of each statement",
    "database.speed": "times, spills and misses of each statement",
    "database.locks": "waits and open transactions",
    "database.reporting": "times and blocks of reports",
    "database.upkeep": "dead rows, and scans of each index",
    "database.settings": "four kinds of settings, and forced checkpoints",
    "worker.keeps-up": "depth, age and workers of each queue",
    "worker.failures": "shares of jobs that fail and are tried again",
    "worker.window": "run times against leases and intervals",
    "worker.retention": "finished jobs that are kept",
    "api.latency": "times of each route",
    "api.errors": "errors and timeouts of each route",
    "api.limits": "refused, too large and cold requests",
    "api.load-tested": "the test's own result against its thresholds and the real peak",
    "tenancy.fairness": "the largest tenant's share",
    "integrity.arrives": "events that are still pending",
    "infrastructure.processor": "use of each processor",
    "infrastructure.memory": "use of each memory",
    "infrastructure.disk": "use of each disk, and waits for it",
    "infrastructure.replicas": "how far each replica is behind; a log that names none cannot tell",
    "infrastructure.redis": "limit, use and expiry of keys",
    "infrastructure.redis-speed": "times of commands, sizes and shares of keys",
    "infrastructure.cost": "bills, and use of what is paid for",
    "security.brute-force": "failed sign-ins a minute",
    "security.bots": "the share of bots",
    "release.deploys": "the share of deployments that failed",
    "release.recovery": "length and causes of incidents",
}
# Rules that share a part: why one of them is enough.
SAME = {
    "PG007 PG047": "the length of sessions, from the log or from the statistics of the database",
    "PG054 PG085": "waits for a connection, at a pooler or at a pool inside the application",
    "PG005 PG046": "what is spilled to disk, by statement or by database",
    "QU003 QU031": "the share of jobs that fail, by queue or by kind of task",
    "PL003 PL004": "requests that ran out of time, at the function or in front of it",
    "RD001 RD022": "keys without an expiry, of all or of each pattern",
    "RD005 RD025": "times for which Redis was held up, by command or by event",
}
WITH_RULES = [check for check in all_checks() if check.rules]
# What lies in the repository has not seen the system run: it may deny a condition and never affirms one.
AT_REST = {*SOURCE, *REPOSITORY, *SCHEMA, "function.config", "platform.cron"}
RULE = {rule.id: rule for rule in RULES}


def row_of(ident: str) -> Row:
    return {"rule": ident, "mechanism": RULE[ident].mechanism, "needs": [f"the export for {ident}"]}


def rules_of(check: Check) -> list[Row]:
    """Rows of the document for each rule that may deny the check."""
    return [row_of(rule.id) for rule in RULES if {rule.id, rule.mechanism} & set(check.rules)]


def measuring(check: Check) -> list[str]:
    return [ident for part in check.measured for ident in part.split()]


def test_every_check_with_rules_is_classed_on_purpose() -> None:
    classed = {check.id: bool(check.measured) for check in WITH_RULES}
    assert classed == dict.fromkeys(CONTROLS, False) | dict.fromkeys(CONDITIONS, True)
    assert not any(check.measured for check in all_checks() if not check.rules)


def test_rules_share_a_part_only_where_they_measure_the_same() -> None:
    shared = {part for check in WITH_RULES for part in check.measured if len(part.split()) > 1}
    assert shared == set(SAME)


# The check, the rule that looked, the rule whose export was not sent, the share that is answered then
HIDDEN = [
    ("database.connections", "PG006", "PG040", 1 / 4),  # that nobody was refused says nothing of how near the limit is
    ("database.connections", "PG055", "PG054", 0.0),  # who waits in a pooler is not turned away yet
    ("database.locks", "PG038", "PG003", 0.0),  # one moment without a wait is no day without
    ("worker.keeps-up", "QU001", "QU020", 1 / 3),  # few jobs wait now, and ever more come
    ("infrastructure.memory", "PL035", "PL032", 1 / 2),  # functions have room, the database's machine may have none
    ("infrastructure.cost", "CO005", "CO004", 1 / 4),  # Redis is used, the machines may idle
]


@pytest.mark.parametrize(("name", "looked", "lacks", "share"), HIDDEN, ids=[case[2] for case in HIDDEN])
def test_an_export_that_was_not_sent_does_not_hide_behind_its_sibling(
    name: str, looked: str, lacks: str, share: float
) -> None:
    (check,) = (check for check in WITH_RULES if check.id == name)
    row = answer(check, Heard({}, [], [row_of(looked)], [row_of(lacks)]))
    assert row["answered"] == pytest.approx(share)
    assert (row["unasked"], row["needs"]) == ([lacks], [f"the export for {lacks}"])


@pytest.mark.parametrize("check", WITH_RULES, ids=lambda check: check.id)
def test_a_rule_that_measures_may_also_deny_and_has_seen_the_system_run(check: Check) -> None:
    idents = measuring(check)
    assert set(idents) <= {row["rule"] for row in rules_of(check)}
    assert len(idents) == len(set(idents))
    kinds = {ident: {kind for kind, _ in (*RULE[ident].needs, *RULE[ident].needs_any)} for ident in idents}
    assert [ident for ident, needed in kinds.items() if needed <= AT_REST] == []


@pytest.mark.parametrize("check", [check for check in WITH_RULES if not check.measured], ids=lambda check: check.id)
def test_of_a_control_silence_says_nothing_and_the_clients_word_counts(check: Check) -> None:
    row = answer(check, Heard({}, [], rules_of(check), []))
    assert (row["state"], row["answered"], row["rules"]) == ("not answered", 0.0, [])
    assert row["needs"] == [f'an answer to "{check.text}" ({check.id} under [checks] in the intake)']
    assert row["said"].endswith("found nothing against it, which does not show that it holds.")
    nobody = answer(check, Heard({}, [], [], rules_of(check)))
    assert nobody["needs"] == row["needs"], "an export may deny it, and cannot affirm it"
    said = answer(check, Heard({check.id: "yes"}, [], [], rules_of(check)))
    assert (said["state"], said["grade"], said["answered"]) == ("yes", "stated", 1.0)


@pytest.mark.parametrize("check", [check for check in WITH_RULES if check.measured], ids=lambda check: check.id)
def test_a_condition_is_answered_part_by_part_by_the_rules_that_measure_it(check: Check) -> None:
    first = [row_of(part.split()[0]) for part in check.measured]
    full = answer(check, Heard({}, [], first, rules_of(check)))
    assert (full["state"], full["grade"], full["answered"], full["needs"]) == ("yes", "measured", 1.0, [])
    begun = answer(check, Heard({}, [], first[:1], rules_of(check)))
    assert begun["answered"] == pytest.approx(1 / len(first))
    assert begun["needs"] == [f"the export for {ident}" for ident in order(check) if ident not in first_part(check)]
    others = [row for row in rules_of(check) if row["rule"] not in measuring(check)]
    assert answer(check, Heard({}, [], others, []))["state"] == "not answered"


def first_part(check: Check) -> list[str]:
    return check.measured[0].split()


def order(check: Check) -> list[str]:
    """The rules that measure it, as the document lists them."""
    return [row["rule"] for row in rules_of(check) if row["rule"] in measuring(check)]


@pytest.mark.parametrize("check", WITH_RULES, ids=lambda check: check.id)
def test_a_finding_denies_whatever_was_said(check: Check) -> None:
    found = rules_of(check)[0] | {"id": "F1", "severity": "high", "title": "Something is wrong"}
    for said in ("yes", "partly", "n/a"):
        assert answer(check, Heard({check.id: said}, [found], [], []))["state"] == "no"


def test_what_must_never_be_redesigned_rests_on_the_clients_word() -> None:
    answered_by_word = {check.id for check in all_checks() if not check.measured}
    assert answered_by_word >= BUILT
