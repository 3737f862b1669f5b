"""What to look for in the pictures of `nnlab cubic`."""

CAPTIONS = {
    "fit.png": "The blue points are the network, the red line is x³. Look at the ends of the "
    "interval: there the curve is steep, and a network that has learned too little bends away "
    "first. The lower part shows the error alone.",
    "learning.png": "The error over the gradient steps. A curve that still falls at "
    "the right end has not finished learning; a curve that jumps up and down has a large learning "
    "rate.",
    "units.png": "How a cubic is made of sigmoids. Each unit of the first layer is one logistic "
    "function of x. A unit of the second layer is a logistic function of a sum of those, so it can "
    "bend at one end only. Below, the network is a sum: each coloured line is the sum of units "
    "that contribute alike, and the grey line is b3 with the dead units, whose activation hardly "
    "changes. Look at where each coloured line is not flat.",
    "training.gif": "The fit while it takes shape. A network that learns first has the slope of "
    "the middle, then it bends at the ends. A line that stays flat has learned nothing.",
    "fits.png": "Above are the fits over x³, below their errors. Look for the x at which an error "
    "is far from 0. Where there are several groups: which one is closer to 0 there?",
}
