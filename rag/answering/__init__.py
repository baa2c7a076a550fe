"""Evidence -> an answer."""
