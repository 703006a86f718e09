"""Numbers of one subject that came in several files of metrics."""

from telemetry.evidence import Evidence, Place
from telemetry.exported import join_exported

POD = "prod/web-1/web"


def row(file: str, **metrics: float) -> Evidence:
    return Evidence("container.usage", POD, metrics, Place(1, file), attrs={"from": "metrics"}, file=file)


def test_a_limit_in_another_file_gives_the_share() -> None:
    used, limit = row("used.json", memory_bytes_max=900.0), row("limits.json", memory_limit_bytes=1000.0)
    (joined,) = join_exported([used, limit])
    assert joined.metrics["memory_share_max"] == 0.9
    assert joined.place_of("memory_bytes_max").file == ""
    assert joined.place_of("memory_limit_bytes") == Place(1, "limits.json", "limits.json")


def test_the_order_of_files_is_no_matter() -> None:
    used, limit = row("used.json", memory_bytes_max=900.0), row("limits.json", memory_limit_bytes=1000.0)
    assert join_exported([limit, used])[0].metrics == join_exported([used, limit])[0].metrics


def test_two_scrapes_of_one_metric_stay_two() -> None:
    rows = [row("a.txt", memory_bytes_max=900.0), row("b.txt", memory_bytes_max=800.0)]
    assert join_exported(rows) == rows


def test_what_is_no_exporters_is_left_alone() -> None:
    told = Evidence("container.usage", POD, {"memory_limit_bytes": 1000.0}, Place(1, "docker"))
    rows = [row("used.json", memory_bytes_max=900.0), told]
    assert join_exported(rows) == rows
