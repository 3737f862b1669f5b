"""Where tasks run: in worker processes of this machine."""
