"""What the file holds: skeleton, document, tensors, weights, annotations, saving."""
