"""What the PostgreSQL log parser is made of: prefix, logical lines, statement families, events. No format by itself."""
