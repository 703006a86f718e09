"""What lies in a Redis or Valkey: keys by pattern, from a scan (--bigkeys, --memkeys), an rdb reader or a sample."""

from telemetry.evidence import ParseResult
from telemetry.parsers import redis_key_rows, redis_key_scan
from telemetry.parsers.base import Parser
from telemetry.source import Head, Source

# A cursor steps through the keyspace; 1,000 keys need some 4,000 short reads.
EXPORT = (
    'echo "key,type,ttl,memory,length" > keys.csv; redis-cli --scan | head -1000 | while IFS= read -r k; do '
    'printf \'"%s",%s,%s,%s,\\n\' "$k" "$(redis-cli type "$k")" "$(redis-cli ttl "$k")" '
    '"$(redis-cli memory usage "$k")"; done >> keys.csv; redis-cli --memkeys > memkeys.txt'
)


def sniff(head: Head) -> bool:
    """Claim either shape."""
    return redis_key_scan.sniff(head) or redis_key_rows.sniff(head)


def parse(source: Source) -> ParseResult:
    """One evidence row a key pattern; ParseError when no key is listed or a scan was cut."""
    result = ParseResult()
    head = source.head()
    if redis_key_scan.sniff(head):
        redis_key_scan.read(source, result)
    else:
        counts = redis_key_rows.read(source, result)
        result.evidence = counts.evidence(result)
        result.records = counts.keys
    result.totals = {"sampled_keys": result.records}
    result.enables = ["Which keys are large enough to block the server", "Which kinds of keys fill the memory"]
    if any("no_expiry" in row.metrics for row in result.evidence):
        result.enables.append("Which kinds of keys never expire")
    else:
        result.notes.append("Whether keys expire is not in this file: a sample with the column ttl tells.")
    result.notes.append("Of keys only the pattern is kept; ids, addresses and tokens in them are left out.")
    return result


PARSER = Parser(
    id="redis-keys",
    title="Redis or Valkey keys",
    how_to_export=EXPORT,
    looks_for="the summary of redis-cli --bigkeys, or CSV with the columns key, type, ttl, memory",
    kinds=("redis.pattern", "redis.type"),
    sniff=sniff,
    parse=parse,
)
