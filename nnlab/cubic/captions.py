"""What to look for in the pictures of `nnlab cubic`."""

CAPTIONS = {
    "fit.png": "The blue points are the network, the red line is x³. Look at the ends of the "
    "interval: there the curve is steep, and a network that has learned too little bends away "
    "first. The lower part shows the error alone.",
    "learning.png": "The error over the gradient steps, on a log axis. A curve that still falls at "
    "the right end has not finished learning; a curve that jumps up and down has a large learning "
    "rate.",
    "training.gif": "The fit while it takes shape. The network first learns the slope in the "
    "middle, then bends the ends.",
}
