"""Runs models on data in ONNX Runtime: calibration, drift, accuracy, layer errors."""
