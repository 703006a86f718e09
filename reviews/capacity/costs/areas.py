"""What kind of thing a component or a service on a bill is, by the words in its name."""

import re

DATABASE, COMPUTE, AI, CACHE, STORAGE, QUEUE, OTHER = "database", "compute", "ai", "cache", "storage", "queue", "other"
# Looked for in this order: "AI database" of a bill is a database, "Vector DB" is none of the model's tokens.
_WORDS: tuple[tuple[str, str], ...] = (
    (DATABASE, r"databases?|db|postgres\w*|postgresql|rds|aurora|neon|supabase|sql|mysql|vector|pinecone|replicas?"),
    (CACHE, r"redis|valkey|elasticache|upstash|memcached|cache"),
    (AI, r"ai|llm|openai|anthropic|claude|gpt\S*|gemini|bedrock|vertex|tokens|models?|embeddings?"),
    (QUEUE, r"queues?|sqs|kafka|rabbitmq|inngest|messages?"),
    (STORAGE, r"s3|storage|cdn|cloudfront|bandwidth|transfer|egress|backups?|blob|bucket|r2"),
    (
        COMPUTE,
        r"compute|servers?|ec2|fargate|ecs|eks|lambda|functions?|vercel|cpu|memory|instances?|droplets?|workers?|vm|vms|"
        r"app|containers?|dynos?|hosting|provisioned",
    ),
)
_AREAS = tuple((area, re.compile(rf"(?<![a-z0-9])(?:{words})(?![a-z0-9])", re.IGNORECASE)) for area, words in _WORDS)


def area_of(name: str) -> str:
    """The area of a name; "other" when no word of it is known."""
    return next((area for area, words in _AREAS if words.search(name)), OTHER)
