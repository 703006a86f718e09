"""A missing control counts for more where an incident speaks of it."""

from dataclasses import replace

import pytest

from reviews.risk.incidents import incident_at, words_of
from reviews.risk.matrix import proximity_of
from telemetry.evidence import EvidenceSet
from telemetry.rules.base import Subject
from tests.reviews.risk.making import make_hit, make_row


@pytest.mark.parametrize(
    ("component", "subject", "named"),
    [
        ("checkout", "/api/checkout", "checkout"),
        ("payments-webhook", "/api/webhooks/payment", "payments-webhook"),
        ("payments-webhook", "/api/payments", ""),  # half of its words
        ("api", "/api/checkout", ""),
        ("unknown", "/api/unknown", ""),
        ("search", "/api/checkout", ""),
    ],
)
def test_incident_speaks_of_the_subject(component: str, subject: str, named: str) -> None:
    evidence = EvidenceSet([make_row("ops.component", component, incidents=2.0)])
    hit = replace(make_hit(), subject=Subject("endpoint", subject), routes=(), tables=(), queues=())
    assert incident_at(hit, evidence) == named


def test_missed_control_is_nearer_than_a_missing_one() -> None:
    assert proximity_of(False, None, None).value == 2
    assert proximity_of(False, None, None, "checkout").value == 3
    assert proximity_of(False, 0.9, None, "checkout").value == 4
    assert proximity_of(True, None, None, "checkout").value == 5


def test_words_are_in_the_singular_and_without_those_of_any_system() -> None:
    assert words_of("paymentsWorker_api") == {"payment", "worker"}
