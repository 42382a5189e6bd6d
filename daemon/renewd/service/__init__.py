"""The process: the daemon, its life, its scheduler, and what it tells."""
