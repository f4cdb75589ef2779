"""Commands in the containers of the Compose stack. Nothing else imports docker-py, and this only in docker mode."""
