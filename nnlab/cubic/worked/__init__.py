"""One step of backpropagation, written out with its numbers: `nnlab explain RUN --step N`."""
