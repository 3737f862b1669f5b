"""Part 1: backpropagation written out in NumPy, fitting y = x^3."""
