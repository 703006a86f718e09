"""Rules about what it all costs."""
