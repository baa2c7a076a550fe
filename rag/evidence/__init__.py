"""What passages say: of a question (`answers`) and of a statement (`support`)."""
