"""What is fitted on public data and shipped with the engine; each module is a command."""
