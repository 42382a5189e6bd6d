"""The way of a reminder from due to sent."""
