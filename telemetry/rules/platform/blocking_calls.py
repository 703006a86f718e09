"""A request stops its whole process while it works."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Subject, Threshold
from telemetry.rules.places import NEEDS_CODE, InAll

check = InAll(
    "blocking_call",
    Subject("service", "application processes"),
    "Requests stop their whole process",
    "{hits} of the {places} blocking calls in requests (hashing, files, programs, waiting) hold up everything else "
    "that "
    "their process answers.",
    snippet="const hash = await bcrypt.hash(password, 12)  // not hashSync\n// async Python: await asyncio.sleep(2), "
    "not "
    "time.sleep(2)",
)

RULE = Rule(
    id="PL071",
    slug="blocking-calls",
    area="platform",
    mechanism="cpu-saturation",
    title="Requests stop their whole process",
    needs=NEEDS_CODE,
    threshold=Threshold(
        0,
        "1",
        "One process answers many at once only while none of them blocks it.",
        "Node.js, Don't Block the Event Loop",
    ),
    degradation=0.3,
    why="Ten people who sign in at the same moment make everyone else wait for seconds, although the machine is hardly "
    "busy.",
    fix=(
        "Use the asynchronous form of the call; it works in a thread of its own.",
        "Hand long work to a queue or a worker thread.",
        "Watch the delay of the event loop, and alert above 100 ms.",
    ),
    first_slice=FirstSlice("Replace the call on the busiest route", 2),
    effort=Effort(0.125, 0.5, 1),
    removes=0.7,
    verify="A page that does nothing stays quick while many sign in.",
    rollback="Use the blocking form again.",
    references=(
        "Node.js, Don't Block the Event Loop https://nodejs.org/en/learn/asynchronous-work/dont-block-the-event-loop",
    ),
    check=check,
)
