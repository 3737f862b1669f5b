"""`nnlab check`: compare the gradient of `nnlab cubic` with numerical derivatives."""
