"""The checks of `nnlab doctor` that hold for every experiment."""
