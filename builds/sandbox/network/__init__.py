"""The only way from a build to the network, and whom it may reach."""
