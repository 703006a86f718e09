"""What each part of the stack is there for, by the name of the product: "postgres" is the database."""

import re

_BY_ROLE = {
    "web application": "nextjs nuxt remix sveltekit astro react vue angular svelte",
    "application server": "nestjs express fastify hono koa django flask fastapi rails laravel spring phoenix go golang "
    "node nodejs php dotnet",
    "database": "postgres postgresql mysql mariadb mongodb supabase neon planetscale rds aurora sqlite cockroachdb",
    "database access": "prisma drizzle typeorm sequelize sqlalchemy hibernate",
    "connection pool": "pgbouncer pgcat supavisor odyssey",
    "cache and key store": "redis valkey upstash memcached elasticache dragonfly",
    "vector store": "pinecone weaviate qdrant milvus pgvector chroma",
    "queue and jobs": "bullmq bull sidekiq celery rq inngest temporal sqs rabbitmq kafka nats pgboss",
    "hosting": "vercel netlify heroku render fly railway aws gcp azure cloudflare",
    "containers": "docker kubernetes ecs nomad",
    "sign-in": "auth0 clerk nextauth betterauth keycloak cognito okta workos",
    "language model": "openai anthropic claude gemini mistral bedrock ollama",
    "payments": "stripe paddle polar adyen braintree lemonsqueezy",
    "files": "s3 r2 gcs minio cloudinary",
    "search": "elasticsearch opensearch algolia meilisearch typesense",
    "errors and monitoring": "sentry datadog newrelic grafana prometheus posthog axiom",
    "mail": "sendgrid postmark resend mailgun ses",
}
ROLES = {name: role for role, names in _BY_ROLE.items() for name in names.split()}


def role_of(part: str) -> str:
    """The role of a part, "" when its name is none of a product known here. "Next.js 16" is "nextjs"."""
    names = [re.sub(r"[^a-z0-9]", "", word.lower()) for word in (part, *part.split())]
    return next((ROLES[name] for name in names if name in ROLES), "")
