"""The command line: commands, their options and help, what an error prints, exit codes."""
