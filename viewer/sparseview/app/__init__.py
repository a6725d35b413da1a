"""The window, its local server and the types that cross between them."""
