"""A repository's source: which files belong to it, what their syntax trees say, and what smells under load."""
