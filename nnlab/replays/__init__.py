"""Look at past runs again: repeat them, compare them, explain their steps."""
