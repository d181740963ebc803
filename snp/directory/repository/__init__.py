"""Every statement of the directory, by noun; constraint names become refusals."""
