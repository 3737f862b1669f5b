"""Studies: claims of textbooks, decided by paired runs (docs/studies.md)."""
