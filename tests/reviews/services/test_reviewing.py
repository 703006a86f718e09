"""`manage.py review --engagement`: the same review, kept in the workspace."""

import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from reviews.models import Engagement
from telemetry.models import Upload
from tests.reviews.harbor import EXPORTS, SAMPLE

pytestmark = pytest.mark.django_db

INTAKE = str(SAMPLE / "intake.toml")


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


def review(*paths: Path, **options: Any) -> dict[str, Any]:
    out = io.StringIO()
    call_command("review", *map(str, paths), stdout=out, stderr=io.StringIO(), json="-", **options)
    document: dict[str, Any] = json.loads(out.getvalue())
    return document


def test_an_engagement_is_opened_and_says_the_same() -> None:
    kept = review(EXPORTS, intake=INTAKE, engagement="HB-1")
    plain = review(EXPORTS, intake=INTAKE)
    assert [finding["id"] for finding in kept["findings"]] == [finding["id"] for finding in plain["findings"]]
    assert (kept["plan"], kept["not_assessed"]) == (plain["plan"], plain["not_assessed"])
    assert Engagement.objects.get().uploads.filter(state="done").count() == len(list(EXPORTS.iterdir()))


def test_the_same_again_adds_nothing_and_new_files_are_added(tmp_path: Path) -> None:
    review(EXPORTS / "redis-info.txt", intake=INTAKE, engagement="HB-1")
    (tmp_path / "in/queues").mkdir(parents=True)
    shutil.copy(EXPORTS / "bullmq-counts.json", tmp_path / "in/queues/counts.json")
    (tmp_path / "in/.hidden").write_text("x")
    (tmp_path / "in/link").symlink_to("/etc/hostname")
    for _ in range(2):
        document = review(EXPORTS / "redis-info.txt", tmp_path / "in", engagement="HB-1")
    assert {row["file"] for row in document["coverage"]} == {"redis-info.txt", "queues/counts.json"}
    assert Upload.objects.count() == 2
    assert document["engagement"]["client"] == "Harbor Books"


def test_a_repository_is_kept_as_it_is_reviewed() -> None:
    """Its source is one row, from a folder too, and the scratch file it passes through names nothing."""
    shop = SAMPLE.parent / "repos" / "shop-next"
    kept = review(shop, intake=INTAKE, engagement="HB-1")
    plain = review(shop, intake=INTAKE)
    rows = [[(row["file"], row["format"], row["totals"]) for row in one["coverage"]] for one in (kept, plain)]
    assert rows[0] == rows[1]
    assert [row["file"] for row in kept["coverage"]].count("source code") == 1


@pytest.mark.parametrize(
    ("prepare", "options", "words"),
    [
        ("", {}, "There is no engagement HB-1"),
        ("closed", {"intake": INTAKE}, "is closed"),
        ("intake", {"intake": "other"}, "this engagement is for Harbor Books"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_status_2(
    prepare: str, options: dict[str, str], words: str, tmp_path: Path
) -> None:
    if prepare:
        review(EXPORTS / "redis-info.txt", intake=INTAKE, engagement="HB-1")
        Engagement.objects.update(stage="closed" if prepare == "closed" else "intake")
    if options.get("intake") == "other":
        (tmp_path / "other.toml").write_text('[engagement]\nclient = "Other"\ntitle = "Review"\n')
        options = {"intake": str(tmp_path / "other.toml")}
    with pytest.raises(CommandError, match=words) as refused:
        review(EXPORTS / "redis-info.txt", engagement="HB-1", **options)
    assert refused.value.returncode == 2


def test_a_mapping_is_kept_for_the_client_and_reads_what_waited(tmp_path: Path) -> None:
    path, mapping = tmp_path / "bill.csv", tmp_path / "map.toml"
    path.write_text("Item,Total price\nRDS,5\nS3,6\n")
    asked = review(path, EXPORTS / "redis-info.txt", intake=INTAKE, engagement="HB-1")["coverage"][0]["asks"]
    mapping.write_text(
        f'[[mapping]]\nsignature = "{asked["signature"]}"\ntarget = "invoice"\n'
        '[mapping.columns]\n"Item" = "service"\n"Total price" = "amount"\n'
    )
    document = review(EXPORTS / "redis-info.txt", mapping=str(mapping), engagement="HB-1")
    assert {row["file"]: row["format"] for row in document["coverage"]}["bill.csv"] == "billing"
