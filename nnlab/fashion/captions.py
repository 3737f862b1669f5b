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
    "mistakes.png": "The wrong predictions of which the network was most sure. Some labels are "
    "doubtful; the others show what the network does not see.",
}
