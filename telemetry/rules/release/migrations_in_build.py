"""Building the application changes the database."""

from collections.abc import Iterator

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, largest


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit: the build of every application in a repository runs against the same database."""
    row = largest(evidence.of("repo.package"), "migrates_in_build")
    if row is None or row.metrics["migrates_in_build"] <= threshold.value:
        return
    told = Told()
    told.also(row, "migrates_in_build", "scripts")
    yield Hit(
        subject=Subject("migration", "build script"),
        title="Building changes the database",
        said="The build script also runs migrations: a preview, or a build that fails afterwards, changes the database "
        "while the old code still runs.",
        cites=told.cites,
        limit=threshold.value,
        snippet="# a step of its own, before the new code goes live\n- run: npx prisma migrate deploy\n"
        "  env:\n    DATABASE_URL: ${{ secrets.DIRECT_URL }}",
    )


RULE = Rule(
    id="RL012",
    slug="migrations-in-build",
    area="release",
    mechanism="unsafe-migration",
    title="Building changes the database",
    needs=(("repo.package", "migrates_in_build"),),
    threshold=Threshold(
        0,
        "1",
        "A build may run at any time, twice at once, and fail after the change is made.",
        "Prisma, Deploying database changes with Prisma Migrate",
    ),
    degradation=0.6,
    why="A preview of an unfinished change can alter the tables that customers are using, and a failed build leaves "
    "them altered.",
    fix=(
        "Take the migration out of the build script.",
        "Run it as a step of its own before the new code goes live, one at a time, and stop the release when it fails.",
        "Give previews a database of their own.",
        "Split changes: first add what the new code needs, later drop what the old code used.",
    ),
    first_slice=FirstSlice("Move the migration into a step before the release", 3),
    effort=Effort(0.25, 0.5, 1),
    removes=0.8,
    verify="A build of a branch with a new migration leaves production's table of migrations unchanged.",
    rollback="Put the command back into the build script.",
    references=(
        "Prisma, Deploying database changes "
        "https://www.prisma.io/docs/orm/prisma-client/deployment/deploy-database-changes-with-prisma-migrate",
    ),
    check=check,
)
