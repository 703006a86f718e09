"""Rules about the platform that serves requests."""
