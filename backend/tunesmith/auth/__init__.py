"""Who may come in: a token, one-time links, sessions in a cookie, and the guard before everything else."""
