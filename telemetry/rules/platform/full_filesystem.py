"""A filesystem is nearly full."""

from telemetry.evidence import Evidence
from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.beyond import Beyond
from telemetry.rules.managed import SERVICE, as_managed
from telemetry.rules.shapes import Standing, Wording, as_kind, first_of

GB = 1024**3
ROOM = 50 * GB  # left over, nobody has to hurry, however large the volume is
FULL = 0.97
# The smallest general-purpose volume of RDS; a tenth of it left is a tenth or less of any.
SMALLEST = 20 * GB
# Images that are full by design, and what is no disk.
_NO_DISK = ("/snap", "/var/lib/snapd", "/boot", "/run", "/sys", "/proc", "/dev", "/mnt/cdrom", "/media")


def _matters(row: Evidence) -> bool:
    if row.subject.startswith(_NO_DISK) or row.metrics.get("size_bytes", GB) < GB:
        return False
    return row.metrics.get("available_bytes", 0.0) < ROOM or row.metrics.get("used_share", 0.0) > FULL


RULE = Rule(
    id="PL033",
    slug="full-filesystem",
    area="platform",
    mechanism="disk-saturation",
    title="A filesystem is nearly full",
    needs=(),
    needs_any=(
        ("host.filesystem", "used_share"),
        ("host.filesystem", "inodes_used_share"),
        (SERVICE, "free_storage"),
    ),
    threshold=Threshold(
        0.9,
        "share",
        "The last tenth goes fast: a report, a core dump or a slot that keeps WAL. Above 50 GB of room it is no hurry. "
        "Of a managed database whose volume is not known, 2 GB: a tenth of the smallest one.",
        "awesome-prometheus-alerts, HostOutOfDiskSpace (10 % left); AWS, RDS storage (20 GB at least)",
    ),
    degradation=1.0,
    why="The disk is almost full. When it is, nothing can be written: no orders, no sign-ins, no logs to tell why.",
    fix=(
        "See what holds it (du by folder), and what grew since last week.",
        "Rotate logs, remove old images and releases, bound temporary files.",
        "Grow the volume, with a reserve of three months of growth.",
        "Alert at 80 %.",
    ),
    first_slice=FirstSlice("Free space and set the alert", 3),
    effort=Effort(0.25, 0.5, 1),
    removes=0.9,
    verify="df shows less than 70 %, and the alert was seen to fire.",
    rollback="A grown volume is kept; rotation is configuration.",
    references=(
        "awesome-prometheus-alerts, Host and hardware https://samber.github.io/awesome-prometheus-alerts/rules.html",
        "AWS, RDS storage https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html",
    ),
    check=first_of(
        Beyond(
            kind="host.filesystem",
            metric="used_share",
            subject=as_kind("host"),
            wording=Wording(
                title="{name} is nearly full",
                said="{value} of {name} is used (limit {limit}).",
                also=("available_bytes", "size_bytes"),
            ),
            standing=Standing(breach=False, shared=True),
            where=_matters,
            near=lambda row: row.metrics["used_share"],
        ),
        Beyond(
            kind="host.filesystem",
            metric="inodes_used_share",
            subject=as_kind("host"),
            wording=Wording(
                title="{name} has hardly any inodes left",
                said="{value} of the inodes of {name} are used (limit {limit}); without one no file can be created.",
                also=("used_share",),
            ),
            standing=Standing(breach=False, shared=True),
            where=lambda row: not row.subject.startswith(_NO_DISK),
            near=lambda row: row.metrics["inodes_used_share"],
        ),
        Beyond(
            kind=SERVICE,
            metric="free_storage",
            subject=as_managed,
            wording=Wording(
                title="The volume of a database is nearly full",
                said="{name} has {value} of storage left (limit {limit}), less than a tenth of any volume.",
                also=("points", "window_s"),
            ),
            standing=Standing(breach=False, shared=True),
            limit=0.1 * SMALLEST,
            floor=True,
            near=lambda row: 1 - row.metrics["free_storage"] / SMALLEST,
        ),
    ),
)
