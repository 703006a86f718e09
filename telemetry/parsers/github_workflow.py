"""A workflow of GitHub Actions: what runs before a deployment, and what would stop it.

Fields: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax. Values of `env` and `with`
are not read; of a step's script only which tools it calls.
"""

import re

from telemetry.evidence import Evidence, ParseError, ParseResult, Place
from telemetry.parsers.base import Parser
from telemetry.parsers.ops_values import blank_lines, quote_member, settle_lines
from telemetry.parsers.readers import Member
from telemetry.parsers.yaml_text import YamlText
from telemetry.source import Head, Source

HOW = "Send the files of .github/workflows."
_ON = re.compile(r"^[\"']?on[\"']?[ \t]*:", re.M)
_JOBS = re.compile(r"^jobs[ \t]*:", re.M)
_RUNS = re.compile(r"^[ \t]+(?:runs-on|uses|steps)[ \t]*:", re.M)
_DEPLOYS = re.compile(
    r"\bvercel\b.*--prod|\bvercel deploy\b|kubectl (?:apply|rollout|set image)|helm upgrade|flyctl deploy|fly deploy"
    r"|terraform apply|aws (?:ecs update-service|lambda update-function-code|s3 sync)|serverless deploy|sam deploy"
    r"|gcloud (?:run|app) deploy|cap \w+ deploy|wrangler (?:deploy|publish)|netlify deploy|heroku .*release"
)
_DEPLOY_ACTION = re.compile(r"deploy|vercel-action|heroku|wrangler-action")
_TESTS = re.compile(
    r"\b(?:npm|pnpm|yarn|bun) (?:run )?(?:test|t\b)|\b(?:pytest|rspec|jest|vitest|playwright test|cypress run|go test"
    r"|cargo test|phpunit|rails test|manage\.py test|mvn (?:test|verify)|gradlew? test|tox|make test)"
)
_MIGRATES = re.compile(
    r"migrate (?:deploy|up|head)|manage\.py migrate|db:migrate|db push|alembic upgrade|migration:run"
)
_PINNED = re.compile(r"@[0-9a-f]{40}\Z")


class _Workflow:
    """Counts of one workflow and the line of the first of each."""

    def __init__(self, document: YamlText, result: ParseResult) -> None:
        self.metrics = dict.fromkeys(
            ("jobs", "steps", "actions", "unpinned_actions", "without_timeout", "deploys", "tests", "migrates"), 0.0
        )
        self.metrics |= {"environments": 0.0}
        self.places: dict[str, Place] = {}
        self.document, self._result = document, result

    def count(self, metric: str, spot: Member) -> None:
        """One more of a metric, seen at an entry."""
        self.metrics[metric] += 1
        if metric not in self.places:
            key_only = Member(spot.key, {}, spot.at, spot.value_at) if spot.key == "run" else spot
            self.places[metric] = quote_member(self.document, key_only, self._result)

    def job(self, job: Member) -> None:
        """A job with its steps; one that calls another workflow has none."""
        facts = {one.key: one for one in self.document.members(job.value_at)}
        self.count("jobs", job)
        if "timeout-minutes" not in facts and "uses" not in facts:
            self.count("without_timeout", job)
        if "environment" in facts:
            self.count("environments", facts["environment"])
        if "uses" in facts:
            self._action(facts["uses"])
        steps = facts.get("steps")
        for step in self.document.members(steps.value_at) if steps else []:
            self._step(step)

    def _step(self, step: Member) -> None:
        self.count("steps", step)
        for fact in self.document.members(step.value_at):
            if fact.key == "uses":
                self._action(fact)
            elif fact.key == "run":
                script = str(fact.value)
                for metric, pattern in (("deploys", _DEPLOYS), ("tests", _TESTS), ("migrates", _MIGRATES)):
                    if pattern.search(script):
                        self.count(metric, fact)

    def _action(self, uses: Member) -> None:
        name = str(uses.value)
        if name.startswith("./"):
            return
        self.count("actions", uses)
        if not _PINNED.search(name) and "@sha256:" not in name:
            self.count("unpinned_actions", uses)
        if _DEPLOY_ACTION.search(name.partition("@")[0]):
            self.count("deploys", uses)


def sniff(head: Head) -> bool:
    """Claim YAML with on: and jobs: at its top whose jobs run on something."""
    text = head.text.removeprefix("\ufeff")
    if "\njobs" not in text and not text.startswith("jobs"):  # fifty times cheaper than the expressions
        return False
    return all(pattern.search(text) is not None for pattern in (_ON, _JOBS, _RUNS))


def parse(source: Source) -> ParseResult:
    """One row; ParseError when the YAML is broken or has no jobs."""
    document = YamlText(source.read())
    parts = {one.key: one for one in document.members(document.start)}
    jobs = document.members(parts["jobs"].value_at) if "jobs" in parts else []
    if not jobs:
        raise ParseError(f"The workflow has no jobs. {HOW}", 1)
    result = ParseResult(carrier="yaml", lines=document.lines)
    workflow = _Workflow(document, result)
    for job in jobs:
        if isinstance(job.value, dict):
            workflow.job(job)
        else:
            result.reject(document.line(job.at), document.place(job.at, result).quote)
    result.evidence = [_row(parts, workflow, document, result)]
    result.records = int(workflow.metrics["jobs"])
    result.totals = {name: int(workflow.metrics[name]) for name in ("jobs", "steps", "actions", "unpinned_actions")}
    result.enables = ["Whether production is deployed without tests, gates or time limits"]
    result.notes = ["Whether a step deploys, tests or migrates is told by the tools it calls."]
    result.blank = blank_lines(document)
    settle_lines(result)
    return result


def _row(parts: dict[str, Member], workflow: _Workflow, document: YamlText, result: ParseResult) -> Evidence:
    first = parts.get("name") or parts["jobs"]
    group = parts.get("concurrency")
    metrics, places = dict(workflow.metrics), dict(workflow.places)
    metrics["concurrency"] = float(group is not None)
    cancel = document.member(group.value_at, "cancel-in-progress") if group else None
    if cancel:
        metrics["cancels_running"] = float(cancel.value is True)
        places["cancels_running"] = quote_member(document, cancel, result)
    name = str(parts["name"].value)[:120] if "name" in parts else "workflow"
    return Evidence("repo.workflow", name, metrics, quote_member(document, first, result), places)


PARSER = Parser(
    id="github-workflow",
    title="GitHub Actions workflow",
    how_to_export="zip -r workflows.zip .github/workflows",
    looks_for="YAML with on: and jobs: at its top",
    kinds=("repo.workflow",),
    sniff=sniff,
    parse=parse,
)
