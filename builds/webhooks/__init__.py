"""The webhook of a repository: reading a body, storing a delivery, and standing a flood."""
