"""Commit statuses: the requests that make one, by forge. Nothing is sent from here."""
