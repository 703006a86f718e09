"""The list of files: what needs a look first, filters with counts, and only so many rows at once."""

from collections import Counter
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from reviews.models import Engagement
from telemetry.models import Upload
from telemetry.services import repeats_among, uploads_of

# Above so many files a row shows two lines, and filters stand over the list.
MANY = 12
ROWS = 60
GROUPS = {"look": "Need a look", "reading": "Being read", "read": "Read"}


def group_of(upload: Upload) -> str:
    """Which filter shows a file."""
    if upload.pending:
        return "reading"
    return "look" if upload.needs_look else "read"


def in_order(engagement: Engagement) -> list[Upload]:
    """What needs a look first, then what is being read, then what waits, then what was read; as they came."""
    uploads = list(uploads_of(engagement.pk).select_related("parent"))
    same = repeats_among(uploads)
    for upload in uploads:
        upload.same_as = same.get(upload.pk, "")  # type: ignore[attr-defined]
    return sorted(uploads, key=lambda upload: (list(GROUPS).index(group_of(upload)), upload.state == "received"))


class FileList:
    """The files that the address asks for: ?show=look|reading|read, and ?all=1 for every row."""

    def __init__(self, uploads: list[Upload], data: QueryDict) -> None:
        self.counts = Counter(group_of(upload) for upload in uploads)
        self.total = len(uploads)
        self.show = data["show"] if data.get("show") in GROUPS else ""
        self.matching = [upload for upload in uploads if self.show in ("", group_of(upload))]
        self.shown = self.matching if data.get("all") == "1" else self.matching[:ROWS]

    @property
    def hidden(self) -> int:
        """How many rows match and are not shown."""
        return len(self.matching) - len(self.shown)

    @property
    def query(self) -> str:
        """The end of the address that shows the same again."""
        chosen = {"show": self.show} if self.show else {}
        if len(self.shown) > ROWS:
            chosen["all"] = "1"
        return f"?{urlencode(chosen)}" if chosen else ""

    @property
    def all_query(self) -> str:
        """The end of the address that shows every row."""
        return f"?{urlencode(({'show': self.show} if self.show else {}) | {'all': '1'})}"

    def chips(self) -> list[dict[str, Any]]:
        """One chip per group that holds a file: label, count, address, and whether it is chosen."""
        found = [
            {"label": label, "count": self.counts[group], "on": self.show == group, "query": f"?show={group}"}
            for group, label in GROUPS.items()
            if self.counts[group] or self.show == group
        ]
        return [{"label": "All", "count": self.total, "on": not self.show, "query": ""}, *found]
