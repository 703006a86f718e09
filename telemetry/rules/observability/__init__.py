"""Rules about what can be seen."""
