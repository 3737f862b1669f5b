"""nnlab: a command-line lab bench for seeing how neural networks learn."""
