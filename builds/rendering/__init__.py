"""From a plan to pages: the environment that it needs, Sphinx in it, and what went wrong in plain words."""
