"""The plan as columns, for the page and the portal."""

from dataclasses import dataclass, field

from reviews.models import Engagement
from tickets.models import PlanItem

HOURS_A_DAY = 8.0


@dataclass
class Column:
    """One day (or handoff, or backlog) with its entries; hours over capacity are shown, never hidden."""

    day: int
    name: str
    capacity: float | None
    entries: list[PlanItem] = field(default_factory=list)

    @property
    def hours(self) -> float:
        return sum(entry.hours for entry in self.entries)

    @property
    def over(self) -> bool:
        return self.capacity is not None and self.hours > self.capacity

    @property
    def percent(self) -> int:
        """How full the day is, 0 to 100."""
        return min(100, round(100 * self.hours / self.capacity)) if self.capacity else 0


def columns(engagement: Engagement, published_only: bool = False) -> list[Column]:
    """Day 1 to 3, handoff and backlog. For the client only entries whose findings are all published."""
    capacity = (engagement.engineers or 1) * HOURS_A_DAY
    days = {
        day.value: Column(day.value, day.label, capacity if day <= PlanItem.Day.DAY3 else None) for day in PlanItem.Day
    }
    for entry in entries_of(engagement, published_only):
        days[entry.shown_day].entries.append(entry)
    return list(days.values())


def entries_of(engagement: Engagement, published_only: bool) -> list[PlanItem]:
    """The plan's entries in order; an entry about a finding that is not published does not exist for a client."""
    entries = PlanItem.objects.filter(engagement=engagement).order_by("position", "pk")
    if not published_only:
        return list(entries)
    published = set(engagement.findings.published().values_list("code", flat=True))
    return [entry for entry in entries if set(entry.finding_keys) <= published]
