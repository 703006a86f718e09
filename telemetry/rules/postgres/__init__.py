"""Rules about PostgreSQL."""
