"""The run directory: one process writes it, any process reads it."""
