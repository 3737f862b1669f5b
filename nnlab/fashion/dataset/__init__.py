"""Fashion-MNIST: find, download, unpack and check its files."""
