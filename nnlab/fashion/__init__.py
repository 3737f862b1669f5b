"""Part 3: a tf.keras convolutional classifier on Fashion-MNIST."""
