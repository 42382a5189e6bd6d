"""The words and layout of a message: templates, what they can name, and the terminal's tables."""
