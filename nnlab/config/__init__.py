"""Configs: their values and sources, their faults, and what a resume may change."""
