"""The run directory: written by one process, read by any."""
