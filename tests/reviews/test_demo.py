"""The demo: made-up people, the real pipeline, made once."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from reviews.models import Brand, Client, Engagement, PortalAccess
from reviews.pipeline import read_and_analyse
from reviews.services.demo import PEOPLE, decide_demo, make_people, open_demo, report_demo
from tests.reviews.harbor import SAMPLE, send_exports

pytestmark = pytest.mark.django_db

INTAKE = (SAMPLE / "intake.toml").read_text()
PASSWORDS = {name: f"the first password of {name}" for name in PEOPLE}


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def test_people_are_made_once_and_keep_their_passwords() -> None:
    make_people(passwords=PASSWORDS)
    people = make_people(passwords=dict.fromkeys(PEOPLE, "another password"))
    assert User.objects.count() == len(PEOPLE)
    assert all(people[name].check_password(PASSWORDS[name]) for name in PEOPLE)
    roles = {name: (user.is_staff, user.is_superuser) for name, user in people.items()}
    assert roles == {"admin": (True, True), "ann": (True, False), "cleo": (False, False)}
    assert all(user.last_name == "Fictional" and user.email.endswith("@example.com") for user in people.values())


def test_the_demo_ends_with_a_report_and_a_second_run_adds_nothing() -> None:
    people = make_people(passwords=PASSWORDS)
    engagement = open_demo(intake_text=INTAKE, people=people)
    for upload_id in send_exports(engagement):
        read_and_analyse(upload_id)
    decide_demo(engagement=engagement, user=people["ann"])
    first = report_demo(engagement=engagement, user=people["ann"])
    published = engagement.findings.filter(status="published")
    assert published.count() == len(first.context["findings"]) > 5
    assert not published.filter(severity="low").exists()
    assert not engagement.findings.filter(status="draft").exclude(severity="low").exists()
    versions = list(engagement.findings.order_by("pk").values_list("version", flat=True))
    assert open_demo(intake_text=INTAKE, people=people) == engagement
    decide_demo(engagement=engagement, user=people["ann"])
    assert report_demo(engagement=engagement, user=people["ann"]) == first
    assert list(engagement.findings.order_by("pk").values_list("version", flat=True)) == versions
    counts = [model.objects.count() for model in (Engagement, Client, Brand, PortalAccess)]
    assert counts == [1, 1, 1, 1]


def test_the_demo_says_that_it_is_made_up() -> None:
    engagement = open_demo(intake_text=INTAKE, people=make_people(passwords=PASSWORDS))
    assert "fictional" in engagement.look.legal
    assert re.search("fictional|made.up|invented", (SAMPLE / "README.md").read_text())
