"""What breaks first, at what load, when, and what not to build yet. Pure: evidence and intake in, facts out."""
