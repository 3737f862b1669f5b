"""Sweeps: search the config keys of an experiment for the best values."""
