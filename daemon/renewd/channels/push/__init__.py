"""Pushes to phones: a channel for each `[push.ID]`, with one table of services behind all of them."""
