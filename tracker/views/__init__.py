"""Questions people ask of a store: what is this code, what is next, where is everything, what happened."""
