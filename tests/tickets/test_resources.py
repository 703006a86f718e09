"""The table of tickets: every column through the guard, whatever the library does with it."""

import pytest

from tests.cast import make_engagement, make_finding, make_ticket
from tickets.models import Ticket
from tickets.resources import TicketResource

pytestmark = pytest.mark.django_db

ARMED = ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "＋1", "－1", "＠A1"]


@pytest.mark.parametrize("text", ARMED)
def test_text_that_a_spreadsheet_would_run_is_disarmed(text: str) -> None:
    ticket = make_ticket(make_engagement("T-1"), title=text, owner=text, note=text)
    finding = make_finding(ticket.engagement, "f1")
    ticket.findings.add(finding)
    (row,) = TicketResource().export(Ticket.objects.all()).dict
    assert {row[name] for name in ("title", "owner", "note")} == {f"'{text}"}
    assert row["findings"] == "f1"


def test_numbers_stay_numbers_and_empty_stays_empty() -> None:
    make_ticket(make_engagement("T-1"), low_days=0.25, high_days=3, owner="")
    (row,) = TicketResource().export(Ticket.objects.all()).dict
    assert (row["low_days"], row["high_days"], row["owner"]) == (0.25, 3.0, "")
