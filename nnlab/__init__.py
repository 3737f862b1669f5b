"""nnlab: a command-line lab bench for seeing how neural networks learn."""

__version__ = "0.2.0"
