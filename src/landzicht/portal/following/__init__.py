"""Following sources: what is followed, following it, and how that goes."""
