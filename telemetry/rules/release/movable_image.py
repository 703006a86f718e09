"""Nobody can say which version runs, so none can be brought back."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told


def is_movable(image: str) -> bool:
    """Whether the name gives another image tomorrow: no tag, or latest. A variable is not known."""
    if not image or "$" in image or "@sha256" in image:
        return False
    return image.rpartition("/")[2].partition(":")[2] in ("", "latest")


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """Services that run an image without a version, and images built on one."""
    for row in sorted(evidence.of("repo.service"), key=lambda row: (row.subject, row.file)):
        if is_movable(str(row.attrs.get("image") or "")):
            image = row.attrs["image"]
            said = f"{row.subject} runs {image}, a name that is given to each new version: the one before has none."
            yield _hit(row, "listed", row.subject, said, threshold.value)
    for row in {row.file: row for row in evidence.having("repo.image", "loose_bases")}.values():
        if row.metrics["loose_bases"] > threshold.value:
            base = row.attrs.get("base") or "an image"
            said = f"The image is built on {base} without a version: building the old code again gives another image."
            yield _hit(row, "loose_bases", row.file or "Dockerfile", said, threshold.value)


def _hit(row: Evidence, metric: str, name: str, said: str, limit: float) -> Hit:
    told = Told()
    told.also(row, metric)
    return Hit(
        subject=Subject("pipeline", name),
        title=f"{name} has no version to return to",
        said=said,
        cites=told.cites,
        limit=limit,
    )


RULE = Rule(
    id="RL020",
    slug="movable-image",
    area="release",
    mechanism="no-rollback",
    title="A service has no version to return to",
    needs=(),
    needs_any=(("repo.service", "listed"), ("repo.image", "loose_bases")),
    threshold=Threshold(
        0,
        "1",
        "An image that is named latest, or not at all, cannot be named again once a newer one has its name.",
        "Kubernetes, Images: avoid the latest tag; hadolint DL3007",
    ),
    degradation=0.3,
    why="When a release goes wrong at night, the version that worked an hour ago cannot simply be started again.",
    fix=(
        "Name every image after the commit it was built from, and run it by that name.",
        "Write the version of the base image, with its digest where it must not move.",
        "Keep the last ten images, and practise going back once.",
    ),
    first_slice=FirstSlice("Name images after their commit", 3),
    effort=Effort(0.25, 0.5, 1),
    removes=0.7,
    verify="The image that ran last week can be named, pulled and started.",
    rollback="Run the image by its old name.",
    references=(
        "Kubernetes, Images https://kubernetes.io/docs/concepts/containers/images/",
        "hadolint, DL3007 https://github.com/hadolint/hadolint/wiki/DL3007",
    ),
    check=check,
    enabler=True,
)
