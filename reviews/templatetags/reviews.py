"""How numbers, severities and periods are written on pages."""

from datetime import datetime
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from reviews.coverage import totals_of
from reviews.models import Engagement, Finding
from reviews.models.findings import Severity
from reviews.progress import time_left as time_left_words
from reviews.report.markdown import to_html
from reviews.risk_map import AREAS
from telemetry.evidence import Evidence
from telemetry.kinds import unit_of
from telemetry.models import Upload
from telemetry.parsers import PARSERS
from telemetry.parsers.base import Parser

register = template.Library()

UNITS = {"1": "", "share": "of all", "blocks": "blocks of 8 kB"}
UNIT_OF_TOTAL = {"used_memory": "bytes", "maxmemory": "bytes", "failed_share": "share"}
HOURS_A_DAY = 8


@register.simple_tag
def severity(finding: Finding) -> SafeString:
    """The mark and the word; hollow when a consultant set it."""
    shown = finding.shown_severity
    extra = " ll-severity--set" if finding.set_by_hand else ""
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


@register.simple_tag
def measure(value: Any, unit_name: str) -> SafeString:
    """A value with its unit in a lighter weight; a share is written as a percentage."""
    if unit_name == "share" and isinstance(value, int | float):
        value, unit_name = 100 * value, "%"
    if not unit(unit_name):
        return format_html("{}", number(value))
    return format_html('{} <span class="ll-unit">{}</span>', number(value), unit(unit_name))


@register.filter
def time_left(seconds: float | None) -> str:
    """About 40 s left; empty when nobody can say."""
    return time_left_words(seconds)


@register.filter
def percent(value: float | None) -> str:
    """A share as a percentage, or that nobody stated it."""
    return "not stated" if value is None else f"{100 * value:.3g} %"


@register.filter
def words(slug: str) -> str:
    """missing-index → missing index."""
    return slug.replace("_", " ").replace("-", " ")


@register.filter
def field_words(name: str) -> str:
    """measured.value → measured value."""
    return words(name.replace(".", " "))


@register.filter
def told(value: Any) -> str:
    """A machine field in a line of history: numbers as numbers, lists joined, at most 120 characters."""
    if value is None:
        return "none"
    if isinstance(value, list):
        value = ", ".join(str(entry) for entry in value)
    if isinstance(value, dict):
        value = ", ".join(f"{name} {number(entry)}" for name, entry in value.items())
    text = number(value) if not isinstance(value, bool) else str(value).lower()
    return text if len(text) <= 120 else text[:119] + "…"


@register.filter
def signed(value: float) -> str:
    """A change with its sign, whole per cents: "+12", "−40"."""
    shown = f"{abs(value):,.0f}"
    return shown if shown == "0" else ("+" if value > 0 else "−") + shown


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
def estimate(low: float, high: float) -> SafeString:
    """Engineer-days from low to high: "2 h to 1 d". Below a day in hours, never finer than a quarter of an hour."""
    first, last = _span(low), _span(high)
    if first == last:
        return format_html('{} <span class="ll-unit">{}</span>', *first)
    return format_html('{} <span class="ll-unit">{}</span> to {} <span class="ll-unit">{}</span>', *first, *last)


def _span(days: float) -> tuple[str, str]:
    return (number(round(4 * HOURS_A_DAY * days) / 4), "h") if days < 1 else (number(round(days, 1)), "d")


@register.simple_tag
def quotes(finding: Finding) -> list[dict[str, Any]]:
    """The evidence by place: each quoted line once, with every value that was read from it."""
    places: dict[tuple[str, int], dict[str, Any]] = {}
    for entry in finding.machine["evidence"]:
        place = places.setdefault((entry["file"], entry["line"]), {**entry, "values": []})
        value = {name: entry[name] for name in ("metric", "value", "unit")}
        if value not in place["values"]:
            place["values"].append(value)
    return list(places.values())


@register.simple_tag
def totals(coverage: dict[str, Any]) -> dict[str, list[tuple[str, Any]]]:
    """A file's figures: the few that matter first, and the rest."""
    return totals_of(coverage)


@register.simple_tag
def figure(name: str, value: Any) -> SafeString:
    """A total with its unit, where the name does not say it."""
    return measure(value, UNIT_OF_TOTAL.get(name, "1"))


@register.simple_tag
def period(coverage: dict[str, Any]) -> str:
    """When the file begins and ends, or that it is a snapshot."""
    first, last = coverage.get("from"), coverage.get("to")
    if not first or not last:
        return "a snapshot"
    start, end = datetime.fromisoformat(first), datetime.fromisoformat(last)
    zone = f" {start.tzname()}" if start.tzinfo else ", zone unknown"
    same_year = f"{end:%-d %b %H:%M}" if start.year == end.year else f"{end:%-d %b %Y %H:%M}"
    last_shown = f"{end:%H:%M}" if start.date() == end.date() else same_year
    return f"{start:%-d %b %Y %H:%M} to {last_shown}{zone}"


@register.simple_tag
def facts(row: Evidence) -> SafeString:
    """The numbers of a piece of evidence with their names and units."""
    named = [(name, value, unit_of(row.kind, name)) for name, value in row.metrics.items()]
    money = str(row.attrs.get("currency", ""))
    named = [(name, value, money if unit == "money" else unit) for name, value, unit in named]
    shown = ((words(name.removesuffix(f"_{unit}")), measure(value, unit)) for name, value, unit in named)
    return format_html_join(", ", "{} {}", shown)


@register.simple_tag
def formats(upload: Upload) -> list[Parser]:
    """The formats that a file with a question can be."""
    names = upload.coverage["asks"].get("formats", [])
    return [parser for parser in PARSERS if parser.id in names]


@register.simple_tag
def mapping_words(upload: Upload) -> str:
    """Whose mapping a table was read with; it is the first note of the reading."""
    said = [note for note in upload.coverage.get("notes", []) if note.startswith("Read with ")]
    return said[0] if said else ""


@register.simple_tag
def next_action(engagement: Engagement) -> SafeString:
    """The one thing to do next, as a link. `engagement` carries the dashboard's counts."""
    url, text = _next(engagement)
    return format_html('<a href="{}">{}</a>', reverse(url, args=[engagement.code]), text)


def _next(engagement: Any) -> tuple[str, str]:
    if engagement.asking:
        return "upload_list", f"Answer for {engagement.asking} file{_s(engagement.asking)}"
    if engagement.failed:
        return "upload_list", f"Look at {engagement.failed} unread file{_s(engagement.failed)}"
    if not engagement.files:
        return "upload_list", "Add the client's exports"
    if engagement.drafts:
        return "finding_list", f"Decide {engagement.drafts} draft{_s(engagement.drafts)}"
    if not engagement.published:
        return "finding_list", "Publish findings"
    if not engagement.reports:
        return "report_detail", "Issue the report"
    return "report_detail", "Report issued"


def _s(number: int) -> str:
    return "" if number == 1 else "s"
