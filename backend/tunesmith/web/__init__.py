"""What every noun's HTTP shares: problem details, request log and audit, limits, headers, the event stream, log routes.

It lies between `jobs` and the nouns: a noun's `routes.py` may import it, it imports no noun.
"""
