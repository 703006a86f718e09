"""How numbers, severities and periods are written on pages."""

from datetime import datetime
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from reviews.models import Engagement, Finding
from reviews.models.findings import Severity
from reviews.report.markdown import to_html
from reviews.risk_map import AREAS

register = template.Library()

UNITS = {"1": "", "share": "of all", "blocks": "blocks of 8 kB"}


@register.simple_tag
def severity(finding: Finding) -> SafeString:
    """The mark and the word; hollow when a consultant set it."""
    shown = finding.shown_severity
    extra = " ll-severity--set" if finding.severity_override else ""
    return format_html('<span class="ll-severity ll-severity--{}{}">{}</span>', shown, extra, Severity(shown).label)


@register.simple_tag
def severity_word(value: str) -> SafeString:
    """The mark and the word of a computed severity."""
    return format_html('<span class="ll-severity ll-severity--{}">{}</span>', value, Severity(value).label)


@register.simple_tag
def confidence(value: str) -> SafeString:
    """The word with its line: solid, dashed or dotted."""
    return format_html('<span class="ll-confidence ll-confidence--{}">{}</span>', value, value.replace("-", " "))


@register.simple_tag
def markdown(text: str) -> SafeString:
    """A consultant's Markdown as sanitised HTML."""
    return mark_safe(to_html(text))  # noqa: S308  cleaned against a short list of tags by to_html


@register.filter
def number(value: Any) -> str:
    """Thousands separated, at most three significant decimals, no trailing zeros."""
    if not isinstance(value, int | float):
        return str(value)
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:,.3g}"


@register.filter
def thousands(value: Any) -> str:
    """Whole numbers with separators, text as it is."""
    return number(value)


@register.filter
def percent(value: float | None) -> str:
    """A share as a percentage, or that nobody stated it."""
    return "not stated" if value is None else f"{100 * value:.3g} %"


@register.filter
def words(slug: str) -> str:
    """missing-index → missing index."""
    return slug.replace("_", " ").replace("-", " ")


@register.filter
def unit(value: str) -> str:
    """A unit as printed."""
    return UNITS.get(value, value)


@register.filter
def area_name(slug: str) -> str:
    """An area's printed name."""
    return AREAS.get(slug, slug)


@register.filter
def unlocal(value: float) -> str:
    """A number for an attribute, always with a point."""
    return repr(value)


@register.simple_tag
def days(low: float, high: float) -> str:
    """1 day, 1 to 2 days."""
    return number(low) if low == high else f"{number(low)} to {number(high)}"


@register.simple_tag
def period(coverage: dict[str, Any]) -> str:
    """When the file begins and ends, or that it is a snapshot."""
    first, last = coverage.get("from"), coverage.get("to")
    if not first or not last:
        return "a snapshot, no times"
    start, end = datetime.fromisoformat(first), datetime.fromisoformat(last)
    zone = f" {start.tzname()}" if start.tzinfo else ", zone unknown"
    same = start.date() == end.date()
    return f"{start:%-d %b %Y %H:%M} to {end:%H:%M}{zone}" if same else f"{start:%-d %b %H:%M} to {end:%-d %b %H:%M}{zone}"


@register.simple_tag
def next_action(engagement: Engagement) -> SafeString:
    """The one thing to do next, as a link. `engagement` carries the dashboard's counts."""
    url, text = _next(engagement)
    return format_html('<a href="{}">{}</a>', reverse(url, args=[engagement.code]), text)


def _next(engagement: Any) -> tuple[str, str]:
    if engagement.failed:
        return "upload_list", f"Look at {engagement.failed} unread files"
    if not engagement.files:
        return "upload_list", "Add the client's exports"
    if engagement.drafts:
        return "finding_list", f"Decide {engagement.drafts} drafts"
    if not engagement.published:
        return "finding_list", "Publish findings"
    if not engagement.reports:
        return "report_detail", "Issue the report"
    return "report_detail", "Report issued"
