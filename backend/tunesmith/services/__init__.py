"""Services: what the platform is made of, how each does, its log, and starting and stopping it."""
