"""Pushes to phones: a channel for each `[push.ID]`, and one module for each service behind it."""
