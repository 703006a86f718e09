"""How long an engagement's raw files are kept: its own number of days, else the site's."""

from collections import defaultdict

from django.conf import settings

from reviews.models import Engagement
from telemetry.retention import expire_raw

KEEP = 0


def raw_days_of(engagement: Engagement) -> int:
    """Days that raw files stay; 0 keeps them until a person deletes them."""
    return settings.LOADLINE_RAW_DAYS if engagement.raw_days is None else engagement.raw_days


def expire_raw_files() -> int:
    """Delete the raw files whose time is over, of closed engagements too; how many that were."""
    by_days: dict[int, list[int]] = defaultdict(list)
    for engagement in Engagement.objects.only("raw_days"):
        by_days[raw_days_of(engagement)].append(engagement.pk)
    by_days.pop(KEEP, None)
    return sum(expire_raw(engagement_ids=ids, days=days) for days, ids in by_days.items())
