"""The parts of the cost: the set-up now and in later phases, what tactics may save, what can be archived."""
