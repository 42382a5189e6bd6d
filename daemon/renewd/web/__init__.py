"""What others reach over HTTP: the calendars, links that record a fact, and how renewd is."""
