"""Rules about who may do what, how often."""
