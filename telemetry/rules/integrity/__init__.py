"""Rules about effects that must happen once."""
