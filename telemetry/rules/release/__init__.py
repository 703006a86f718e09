"""Rules about how changes reach production."""
