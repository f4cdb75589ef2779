"""What the README's demo needs beyond what every user has: invented facts, and answers by the trainer itself."""
