"""The structure of zeros: formats and their proof, on plain numpy arrays."""
