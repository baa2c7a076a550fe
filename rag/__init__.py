"""Citewell's engine: articles in, answers with exact quotes out."""
