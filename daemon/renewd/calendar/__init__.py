"""The calendar: which dates it shows, in which words, with which revision, and the files that others read."""
