"""Anyone may search as often as they like."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.limits import Open
from telemetry.rules.places import NEEDS_CODE

check = Open(
    "search",
    "{name} searches without limit",
    "{name} runs a search for every request, and no limiter stands in its code or before it.",
    snippet="# nginx.conf\nlimit_req_zone $binary_remote_addr zone=search:10m rate=60r/m;\nlimit_req_status 429;\n"
    "# in the location of the search\nlimit_req zone=search burst=20 nodelay;",
)

RULE = Rule(
    id="SE013",
    slug="unlimited-search",
    area="security",
    mechanism="no-rate-limit",
    title="Search can be called without limit",
    needs=NEEDS_CODE,
    threshold=Threshold(
        0,
        "1",
        "A search is among the most expensive reads; one open route lets one client slow all others.",
        "OWASP API4:2023, Unrestricted Resource Consumption",
    ),
    degradation=0.3,
    why="A single crawler that copies the catalogue through the search box takes the database from all customers.",
    fix=(
        "Limit by client at the edge, sixty a minute with a burst for typing.",
        "Give a page of results at most, and refuse deep pages.",
        "Keep the answers to common searches for a minute.",
    ),
    first_slice=FirstSlice("Limit the search by client at the edge", 2),
    effort=Effort(0.25, 0.5, 1),
    removes=0.7,
    verify="A hundred searches within a minute from one client are answered with 429 in part.",
    rollback="Remove the limit from the edge's configuration.",
    references=(
        "OWASP, API4:2023 https://owasp.org/API-Security/editions/2023/en/0xa4-unrestricted-resource-consumption/",
        "nginx, limit_req https://nginx.org/en/docs/http/ngx_http_limit_req_module.html",
    ),
    check=check,
)
