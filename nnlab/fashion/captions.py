"""What to look for in the pictures of `nnlab fashion`."""

CAPTIONS = {
    "accuracy.png": "Accuracy by epoch. A training curve that rises while the validation curve "
    "does not is overfitting. Dropout and augmentation make training harder than validation, so "
    "the training curve may be the lower one.",
    "loss.png": "Cross-entropy by epoch. It shows overfitting earlier than accuracy does: the "
    "validation curve turns up.",
    "lr.png": "The learning rate over the training.",
    "confusion.png": "Rows are the true classes, columns the predicted ones. Large numbers off the "
    "diagonal are pairs of classes that the network mixes up.",
    "calibration.png": "Confidence is the probability of the predicted class. Where the bars are "
    "above the dashed line, the network is right more often than it says; where they are below, it "
    "is too sure of itself. The lower part counts the images: a bar of few images says little.",
    "filters.png": "Each row is one filter of the first block, and what it makes of an image of "
    "each class. Look for what a filter answers to: dark areas, left or right edges, upper or "
    "lower edges. A row that is white everywhere is a filter that never answers.",
    "samples.png": "What the network is shown in the first step, with the labels. Are the labels "
    "right? With augmentation, the lower image of each pair is what the network sees: can you "
    "still recognize it?",
    "mistakes.png": "The wrong predictions of which the network was most sure. Some labels are "
    "doubtful; the others show what the network does not see.",
    "confusion-difference.png": "How much more often (orange) or less often (violet) than in the "
    "first group an image of the true class (row) is predicted as the class of the column. On the "
    "diagonal more is better.",
}
