"""What to build, what to leave alone, and in which order: the client's own numbers against printed criteria."""
