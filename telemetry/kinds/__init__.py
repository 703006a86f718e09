"""Every kind of evidence and the unit of each of its metrics.

A parser emits only what stands here and a rule may only need what stands here; the conformance tests hold both to it.
Units: "1" is a count, "share" lies in 0..1, times are ms, s or us as named, sizes are bytes or 8 kB blocks.
"""

from telemetry.kinds.business import KINDS as BUSINESS
from telemetry.kinds.changes import KINDS as CHANGES
from telemetry.kinds.errors import KINDS as ERRORS
from telemetry.kinds.hosts import KINDS as HOSTS
from telemetry.kinds.http import KINDS as HTTP
from telemetry.kinds.load import KINDS as LOAD
from telemetry.kinds.operations import KINDS as OPERATIONS
from telemetry.kinds.platform import KINDS as PLATFORM
from telemetry.kinds.postgres import KINDS as POSTGRES
from telemetry.kinds.postgres_views import KINDS as POSTGRES_VIEWS
from telemetry.kinds.queues import KINDS as QUEUES
from telemetry.kinds.redis import KINDS as REDIS
from telemetry.kinds.repository import KINDS as REPOSITORY
from telemetry.kinds.schema import KINDS as SCHEMA
from telemetry.kinds.source_code import KINDS as SOURCE_CODE
from telemetry.kinds.web import KINDS as WEB

Units = dict[str, str]

KINDS: dict[str, Units] = {
    **POSTGRES,
    **POSTGRES_VIEWS,
    **REDIS,
    **QUEUES,
    **HTTP,
    **LOAD,
    **HOSTS,
    **PLATFORM,
    **WEB,
    **ERRORS,
    **REPOSITORY,
    **OPERATIONS,
    **SCHEMA,
    **BUSINESS,
    **CHANGES,
    **SOURCE_CODE,
}


def unit_of(kind: str, metric: str) -> str:
    """Unit of a metric; KeyError when the vocabulary does not hold it."""
    return KINDS[kind][metric]
