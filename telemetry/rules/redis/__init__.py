"""Rules about Redis and Valkey."""
