"""Bytes as RFCs define them: messages (RFC 5322) and calendars (RFC 5545)."""
