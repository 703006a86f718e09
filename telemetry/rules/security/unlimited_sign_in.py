"""The code lets anyone try to sign in as often as they like."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.limits import Open
from telemetry.rules.places import NEEDS_CODE

check = Open(
    "sign-in",
    "Nothing in the code limits {name}",
    "{name} answers every attempt: no limiter stands in its code, before it or in its framework's settings.",
    snippet="# nginx.conf\nlimit_req_zone $binary_remote_addr zone=signin:10m rate=10r/m;\nlimit_req_status 429;\n"
    "# in the location of the sign-in\nlimit_req zone=signin burst=5 nodelay;",
)

RULE = Rule(
    id="SE011",
    slug="unlimited-sign-in",
    area="security",
    mechanism="no-rate-limit",
    title="Sign-in code knows no limit",
    needs=NEEDS_CODE,
    threshold=Threshold(
        0,
        "1",
        "One sign-in, registration or reset without a limiter is the one that gets used.",
        "OWASP API4:2023 and Authentication Cheat Sheet",
    ),
    degradation=0.3,
    why="A program may try a list of stolen passwords, or send thousands of reset mails in your name, as fast as the "
    "server answers.",
    fix=(
        "Limit by client at the edge, ten a minute with a small burst.",
        "Limit by account as well, in a store that all instances share, since attackers change addresses.",
        "Answer 429 with Retry-After, and count those answers.",
    ),
    first_slice=FirstSlice("Limit the sign-in by client at the edge", 3),
    effort=Effort(0.25, 0.75, 1.5),
    removes=0.8,
    verify="Twenty quick wrong sign-ins are answered with 429.",
    rollback="Remove the limit from the edge's configuration.",
    references=(
        "OWASP, API4:2023 https://owasp.org/API-Security/editions/2023/en/0xa4-unrestricted-resource-consumption/",
        "OWASP, Authentication Cheat Sheet "
        "https://cheatsheetseries.owasp.org/cheatsheets/Authentication_Cheat_Sheet.html",
    ),
    check=check,
)
