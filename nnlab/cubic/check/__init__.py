"""`nnlab check`: is the gradient of `nnlab cubic` right?"""
