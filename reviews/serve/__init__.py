"""Starting everything Loadline needs on one machine, and ending it again."""
