"""People, brand and decisions of the demo. Everybody in it is fictional."""

from django.contrib.auth.models import User
from django.db import transaction

from reviews.intake import parse_intake
from reviews.models import Brand, Deliverable, Engagement, Finding, PortalAccess
from reviews.services.deliverables import issue_report
from reviews.services.engagements import open_engagement
from reviews.services.findings import publish_confirmed, update_finding

CODE = "HB-2026"
# name → (first name, last name, staff, superuser)
PEOPLE = {
    "admin": ("Ada", "Fictional", True, True),
    "ann": ("Ann", "Fictional", True, False),
    "cleo": ("Cleo", "Fictional", False, False),
}


@transaction.atomic
def make_people(*, passwords: dict[str, str]) -> dict[str, User]:
    """The demo's accounts with the passwords given; an account that exists keeps its own."""
    people = {}
    for name, (first, last, staff, superuser) in PEOPLE.items():
        user, new = User.objects.get_or_create(username=name, defaults={"email": f"{name}@example.com"})
        if new:
            user.first_name, user.last_name, user.is_staff, user.is_superuser = first, last, staff, superuser
            user.set_password(passwords[name])
            user.save()
        people[name] = user
    return people


@transaction.atomic
def open_demo(*, intake_text: str, people: dict[str, User]) -> Engagement:
    """The Harbor Books engagement with its brand and its reader; the existing one when it is there."""
    existing = Engagement.objects.filter(code=CODE).first()
    if existing:
        return existing
    engagement = open_engagement(code=CODE, intake=parse_intake(intake_text), lead=people["ann"])
    brand, _ = Brand.objects.get_or_create(
        name="Northgate Scaling",
        defaults={"legal": "Northgate Scaling is a fictional firm. All people and figures are made up."},
    )
    engagement.client.brand = brand
    engagement.client.save()
    PortalAccess.objects.get_or_create(user=people["cleo"], defaults={"client": engagement.client})
    return engagement


@transaction.atomic
def decide_demo(*, engagement: Engagement, user: User) -> None:
    """Confirm and publish what is High or Medium, as a consultant does after reading the evidence."""
    for finding in engagement.findings.on_map().filter(status=Finding.Status.DRAFT):
        if finding.severity != "low":
            update_finding(finding=finding, version=finding.version, user=user, changes={"status": "confirmed"})
    publish_confirmed(engagement=engagement, user=user)


@transaction.atomic
def report_demo(*, engagement: Engagement, user: User) -> Deliverable:
    """The first report; one that exists is taken, and one whose rendering failed gets another try."""
    first = engagement.deliverables.select_for_update().order_by("number").first()
    if first is None:
        return issue_report(engagement=engagement, user=user)
    if first.state == Deliverable.State.FAILED:
        first.state, first.error = Deliverable.State.RENDERING, ""
        first.save(update_fields=["state", "error"])
    return first
