"""Outgoing webhooks: what is told to whom, how it is signed, and the sending."""
