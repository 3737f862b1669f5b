"""Trained networks for other programs: file formats, and where an export is written."""
