"""Configs: read and check them, report their faults, compare them for a resume."""
