"""Two made-up shops with planted smells beside clean counterparts: exactly these are found, nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from telemetry.evidence import Evidence
from telemetry.opening import open_path
from telemetry.reading import read_opened

SAMPLES = Path(__file__).parents[2] / "samples" / "repos"

NEXT = {
    ("unbounded_query", "src/app/api/orders/route.ts", 6),
    ("offset_pagination", "src/app/api/orders/pages/route.ts", 5),
    ("offset_pagination", "src/app/api/orders/pages/route.ts", 7),
    ("query_in_loop", "src/app/actions.ts", 7),
    ("query_in_loop", "src/app/api/orders/[id]/route.ts", 11),
    ("client_per_request", "src/app/api/search/route.ts", 8),
    ("client_per_request", "src/pages/api/legacy/[...slug].ts", 9),
    ("unsigned_webhook", "src/app/api/webhooks/carrier/route.ts", 3),
    ("slow_webhook", "src/app/api/webhooks/carrier/route.ts", 6),
    ("webhook_without_dedupe", "src/app/api/webhooks/carrier/route.ts", 5),
    ("charge_without_idempotency_key", "src/app/api/checkout/route.ts", 7),
    ("no_rate_limit", "src/app/api/describe/route.ts", 5),
    ("no_rate_limit", "src/app/api/login/route.ts", 3),
    ("no_rate_limit", "src/app/api/search/route.ts", 5),
    ("memory_state", "src/app/api/search/route.ts", 3),
    ("call_without_timeout", "src/app/api/webhooks/carrier/route.ts", 6),
    ("call_without_timeout", "src/lib/shipping.ts", 11),
    ("job_without_retry", "src/app/api/orders/route.ts", 12),
    ("job_without_removal", "src/app/api/orders/route.ts", 12),
    ("llm_in_request", "src/app/api/describe/route.ts", 6),
    ("blocking_call", "src/app/api/login/route.ts", 5),
}
DJANGO = {
    ("unbounded_query", "shop/api.py", 10),
    ("unbounded_query", "shop/views.py", 18),
    ("offset_pagination", "shop/views.py", 37),
    ("offset_pagination", "shop/views.py", 39),
    ("query_in_loop", "shop/views.py", 19),
    ("query_in_loop", "shop/views.py", 30),
    ("unsigned_webhook", "shop/views.py", 55),
    ("webhook_without_dedupe", "shop/views.py", 57),
    ("charge_without_idempotency_key", "shop/views.py", 74),
    ("no_rate_limit", "shop/views.py", 50),
    ("call_without_timeout", "shop/views.py", 31),
    ("job_without_retry", "shop/tasks.py", 8),
    ("task_without_time_limit", "shop/tasks.py", 8),
    ("blocking_call", "shop/views.py", 44),
}


def rows_of(shop: str) -> list[Evidence]:
    [source] = [opened for opened in open_path(SAMPLES / shop) if opened.name == "source code"]
    result = read_opened(source).result
    assert result is not None
    return result.evidence


def smells(rows: list[Evidence]) -> Iterator[tuple[str, str, int]]:
    for row in rows:
        if row.kind == "code.smell":
            [name] = row.metrics
            yield name, row.file, row.place.line


@pytest.mark.parametrize(("shop", "planted"), [("shop-next", NEXT), ("shop-django", DJANGO)])
def test_exactly_what_was_planted_is_found(shop: str, planted: set[tuple[str, str, int]]) -> None:
    found = list(smells(rows_of(shop)))
    assert set(found) == planted
    assert len(found) == len(planted)


@pytest.mark.parametrize(
    ("shop", "subject", "attrs"),
    [
        ("shop-next", "/api/orders", {"tables": ["order"], "written": ["order"], "queues": ["emails"]}),
        ("shop-next", "/api/checkout", {"tables": ["payment"], "written": ["payment"], "queues": ["invoices"]}),
        ("shop-next", "/api/orders/recent", {"tables": ["order", "orderItem"]}),
        ("shop-django", "/orders/[id]", {"tables": ["Customer", "Line", "Order"], "hosts": ["carrier.example.com"]}),
        ("shop-django", "/webhooks/carrier", {"tables": ["Line"], "queues": ["send_receipt"]}),
    ],
)
def test_a_route_is_joined_to_its_tables_and_queues(shop: str, subject: str, attrs: dict[str, list[str]]) -> None:
    [row] = [row for row in rows_of(shop) if row.kind == "code.use" and row.subject == subject]
    assert attrs.items() <= row.attrs.items()


@pytest.mark.parametrize(
    ("shop", "kind", "subject", "metrics"),
    [
        ("shop-next", "code.pool", "src/lib/pool.ts:pool", {"max_connections": 20, "connect_timeout_s": 5}),
        ("shop-next", "code.queue", "invoices", {"attempts": 5, "backoff_s": 2, "keeps_completed": 1000}),
        ("shop-next", "code.queue", "emails", {"concurrency": 10, "lock_s": 60, "rate_max": 100, "rate_window_s": 1}),
        ("shop-django", "code.pool", "harbor/settings.py:DATABASES.default", {"max_age_s": 0, "max_connections": 8}),
        ("shop-django", "code.task", "celery", {"acks_late": 1, "prefetch": 1, "visibility_timeout_s": 3600}),
        ("shop-django", "code.task", "sync_stock", {"acks_late": 1, "max_retries": 5, "retries": 1}),
    ],
)
def test_settings_are_read_as_they_are_written(shop: str, kind: str, subject: str, metrics: dict[str, float]) -> None:
    found = [row for row in rows_of(shop) if row.kind == kind and row.subject == subject]
    assert any(metrics.items() <= row.metrics.items() for row in found), found


def test_a_secret_in_the_source_is_never_quoted() -> None:
    rows = rows_of("shop-next") + rows_of("shop-django")
    text = "\n".join(place.quote for row in rows for place in (row.place, *row.places.values()))
    assert "sk-proj-" not in text
    assert "hunter2" not in text
