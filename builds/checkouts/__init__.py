"""From a git address to a tree at one commit: git, kept mirrors, kept worktrees."""
