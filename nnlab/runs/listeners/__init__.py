"""Listeners pass what a run logs on to other programs: TensorBoard, MLflow."""
