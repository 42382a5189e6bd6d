"""The HTTP server: the calendars, links that record a fact, and health."""
