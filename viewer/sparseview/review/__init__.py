"""Facts for a hand-off, without text layout."""
