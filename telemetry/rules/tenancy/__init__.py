"""Rules about customers who share one system."""
