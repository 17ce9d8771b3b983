"""What a repository says of itself in `.yaydoc.yml`."""
