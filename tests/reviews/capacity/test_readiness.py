"""What the silence of rules says of a check: each is classed on purpose, and silence affirms no control."""

from collections.abc import Iterator
from typing import Any

import pytest

from reviews.capacity.readiness import Check, all_checks
from reviews.capacity.readiness.answers import READ_AT_REST, Heard, answer
from reviews.capacity.redesign import BUILT
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
    "database.settings": "the settings themselves, and forced checkpoints",
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
    "infrastructure.replicas": "lag of each replica",
    "infrastructure.redis": "limit, use and expiry of keys",
    "infrastructure.redis-speed": "times of commands, sizes and shares of keys",
    "infrastructure.cost": "bills, and use of what is paid for",
    "security.brute-force": "failed sign-ins a minute",
    "security.bots": "the share of bots",
    "release.deploys": "the share of deployments that failed",
    "release.recovery": "length and causes of incidents",
}
WITH_RULES = [check for check in all_checks() if check.rules]


def rules_of(check: Check) -> Iterator[Row]:
    """Rows of the document for each rule that may deny the check."""
    for rule in RULES:
        if {rule.id, rule.mechanism} & set(check.rules):
            yield {"rule": rule.id, "mechanism": rule.mechanism, "needs": [f"the export for {rule.id}"]}


def test_every_check_with_rules_is_classed_on_purpose() -> None:
    classed = {check.id: check.control for check in WITH_RULES}
    assert classed == dict.fromkeys(CONTROLS, True) | dict.fromkeys(CONDITIONS, False)
    assert not any(check.control for check in all_checks() if not check.rules), "only the client answers these anyway"


@pytest.mark.parametrize("check", [check for check in WITH_RULES if check.control], ids=lambda check: check.id)
def test_of_a_control_silence_says_nothing_and_the_clients_word_counts(check: Check) -> None:
    row = answer(check, Heard({}, [], list(rules_of(check)), []))
    assert (row["state"], row["answered"], row["rules"]) == ("not answered", 0.0, [])
    assert row["needs"] == [f'an answer to "{check.text}" ({check.id} under [checks] in the intake)']
    assert row["said"].endswith("found nothing against it, which does not show that it holds.")
    nobody = answer(check, Heard({}, [], [], list(rules_of(check))))
    assert nobody["needs"] == row["needs"], "an export may deny it, and cannot affirm it"
    said = answer(check, Heard({check.id: "yes"}, [], [], list(rules_of(check))))
    assert (said["state"], said["grade"], said["answered"]) == ("yes", "stated", 1.0)


@pytest.mark.parametrize("check", [check for check in WITH_RULES if not check.control], ids=lambda check: check.id)
def test_a_condition_is_answered_by_rules_that_saw_the_system_run(check: Check) -> None:
    rows = list(rules_of(check))
    full = answer(check, Heard({}, [], rows, []))
    assert (full["state"], full["grade"], full["answered"]) == ("yes", "measured", 1.0)
    at_rest = [row for row in rows if row["rule"] in READ_AT_REST]
    assert answer(check, Heard({}, [], at_rest, []))["state"] == "not answered"
    assert not set(full["rules"]) & READ_AT_REST


@pytest.mark.parametrize("check", WITH_RULES, ids=lambda check: check.id)
def test_a_finding_denies_whatever_was_said(check: Check) -> None:
    found = next(rules_of(check)) | {"id": "F1", "severity": "high", "title": "Something is wrong"}
    for said in ("yes", "partly", "n/a"):
        assert answer(check, Heard({check.id: said}, [found], [], []))["state"] == "no"


def test_what_must_never_be_redesigned_rests_on_the_clients_word() -> None:
    answered_by_word = {check.id for check in all_checks() if check.control or not check.rules}
    assert answered_by_word >= BUILT
