"""What the code states beside its smells: pools, queues, tasks, and what each route touches. The list is literal."""

from collections.abc import Callable, Iterator

from telemetry.source_code.facts import celery, pools, queues, uses
from telemetry.source_code.facts.base import Fact
from telemetry.source_code.survey import Survey

FACTS: tuple[Callable[[Survey], Iterator[Fact]], ...] = (pools.facts, queues.facts, celery.facts, uses.facts)
