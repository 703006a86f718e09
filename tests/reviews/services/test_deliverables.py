"""A report is checked, frozen, rendered from what was frozen, and never changed again."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from reviews.models import Brand, Deliverable, Engagement
from reviews.report.context import brand_of, thawed
from reviews.report.render import RenderedPdf, RenderError
from reviews.services import deliverables
from reviews.services.deliverables import NotReady, check_ready, issue_report, render_deliverable, stuck_deliverables
from reviews.services.findings import update_finding
from tests.cast import Cast, make_cast, make_finding, make_upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    people = make_cast()
    make_upload(people.engagement)
    make_finding(people.engagement, "f1", status="published")
    return people


@pytest.fixture
def renderer(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """Stands in for the renderer, and keeps what it was given."""
    given: list[dict[str, object]] = []

    def render(context: dict[str, object], brand: dict[str, object]) -> RenderedPdf:
        given.append(context)
        return RenderedPdf(
            pdf=b"%PDF-1.7 " + str(len(given)).encode(), pages=3, warnings=("a warning",), seconds=1, peak_mb=9
        )

    monkeypatch.setattr(deliverables, "render_pdf", render)
    return given


def test_a_report_is_frozen_when_it_is_issued(cast: Cast, renderer: list[dict[str, object]]) -> None:
    issued = issue_report(engagement=cast.engagement, user=cast.ann)
    frozen = json.dumps(issued.context, sort_keys=True)
    finding = cast.engagement.findings.get()
    update_finding(finding=finding, version=0, user=cast.ann, changes={"title": "Later", "status": "draft"})
    cast.engagement.client.brand = Brand.objects.create(name="Later brand", accent="#112233")
    cast.engagement.client.save()
    cast.engagement.flows.all().delete()
    render_deliverable(issued.pk)
    kept = Deliverable.objects.get(pk=issued.pk)
    assert json.dumps(kept.context, sort_keys=True) == frozen
    assert json.dumps(renderer[0], sort_keys=True) == frozen
    assert (kept.state, kept.pages, kept.warnings, kept.brand["name"]) == ("issued", 3, ["a warning"], "Loadline")


def test_what_was_judged_since_the_caller_looked_is_in_the_report(cast: Cast) -> None:
    """The demo and a page read the engagement before they issue; what stands in it now is what counts."""
    Engagement.objects.filter(pk=cast.engagement.pk).update(evidence_inputs={"as_of": "2026-03-01"})
    assert cast.engagement.evidence_inputs == {}
    assert issue_report(engagement=cast.engagement, user=cast.ann).context["capacity"]["as_of"] == "2026-03-01"


def test_the_next_report_has_the_next_number(cast: Cast, renderer: list[dict[str, object]]) -> None:
    first = issue_report(engagement=cast.engagement, user=cast.ann)
    second = issue_report(engagement=cast.engagement, user=cast.ann)
    assert [first.number, second.number, second.context["engagement"]["number"]] == [1, 2, 2]
    assert first.context["method"] == second.context["method"]
    assert first.context["engagement"]["issued_at"] == first.issued_at.isoformat()


def test_a_second_delivery_of_the_task_renders_nothing(cast: Cast, renderer: list[dict[str, object]]) -> None:
    issued = issue_report(engagement=cast.engagement, user=cast.ann)
    render_deliverable(issued.pk)
    render_deliverable(issued.pk)
    deliverables.keep_pdf(issued.pk, b"another", 9, [])
    kept = Deliverable.objects.get(pk=issued.pk)
    assert (len(renderer), bytes(kept.pdf), kept.pages) == (1, b"%PDF-1.7 1", 3)


def test_a_report_that_cannot_be_rendered_says_why_and_may_be_rendered_again(
    cast: Cast, renderer: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = issue_report(engagement=cast.engagement, user=cast.ann)
    works = deliverables.render_pdf

    def fails(context: dict[str, object], brand: dict[str, object]) -> RenderedPdf:
        raise RenderError("The report took longer than 60 s.")

    monkeypatch.setattr(deliverables, "render_pdf", fails)
    render_deliverable(issued.pk)
    issued.refresh_from_db()
    assert (issued.state, issued.error, issued.pdf) == ("failed", "The report took longer than 60 s.", None)
    monkeypatch.setattr(deliverables, "render_pdf", works)
    render_deliverable(issued.pk)
    issued.refresh_from_db()
    assert (issued.state, issued.error) == ("issued", "")


def test_a_lost_rendering_is_found_again(cast: Cast) -> None:
    issued = issue_report(engagement=cast.engagement, user=cast.ann)
    assert stuck_deliverables() == []
    issued.delete()
    before = timezone.now() - deliverables.LOST_AFTER - timedelta(seconds=1)
    lost = Deliverable.objects.create(engagement=cast.engagement, number=1, context={}, brand={}, issued_at=before)
    assert stuck_deliverables() == [lost.pk]


def judged_before_its_files(engagement: Engagement) -> None:
    engagement.analysed_at = timezone.now() - timedelta(hours=1)
    engagement.save()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c: c.engagement.findings.update(status="draft"), "No finding is published"),
        (lambda c: c.engagement.findings.update(present=False), "No finding is published"),
        (lambda c: c.engagement.uploads.update(state="reading"), "still being read"),
        (lambda c: judged_before_its_files(c.engagement), "not judged yet"),
    ],
)
def test_the_gate_is_closed(change: object, words: str, cast: Cast) -> None:
    change(cast)  # type: ignore[operator]
    assert words in check_ready(cast.engagement).blocks[0]
    with pytest.raises(NotReady, match=words):
        issue_report(engagement=cast.engagement, user=cast.ann)
    assert not Deliverable.objects.exists()


def test_the_gate_warns_of_what_stays_out(cast: Cast) -> None:
    make_finding(cast.engagement, "f2", status="confirmed")
    make_finding(cast.engagement, "f3")
    make_upload(cast.engagement, file_name="b", state="failed", error="No.")
    gate = check_ready(cast.engagement)
    assert (gate.blocks, gate.published, len(gate.warns)) == ((), 1, 3)


def test_a_brand_with_a_logo_is_frozen_as_text_and_thawed_as_bytes(cast: Cast) -> None:
    brand = Brand.objects.create(
        name="B", logo=b"\x89PNG\x00", logo_type="png", call_label="Book", call_url="https://example.com/x"
    )
    cast.engagement.brand = brand
    frozen = json.loads(json.dumps(brand_of(cast.engagement)))
    assert thawed(frozen)["logo"] == {"type": "png", "data": b"\x89PNG\x00"}
    assert thawed(frozen)["call_to_action"] == {"label": "Book", "url": "https://example.com/x"}
