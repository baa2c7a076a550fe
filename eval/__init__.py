"""How far Citewell's answers can be trusted, and how fast they come, in numbers."""
