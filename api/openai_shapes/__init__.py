"""OpenAI's requests -> questions, answers -> OpenAI's responses, whole and as streams."""
