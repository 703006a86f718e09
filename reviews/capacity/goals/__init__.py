"""The parts of the table of targets: which metrics it holds, and by how much one has to get better."""
