"""How a run that is running is shown on stderr."""
