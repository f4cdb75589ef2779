"""The command of the followed job: `printing.py LINES_PER_SECOND SECONDS`. Each line begins with the time it is printed at."""

from __future__ import annotations

import sys
import time

FLUSH_SECONDS = 0.01
FILLER = "step 1200/2400 loss=0.1234 grad_norm=0.5678 learning_rate=0.0002 epoch=1.5"


def main(rate: int, seconds: float) -> None:
    began = time.time()
    printed = 0
    while (elapsed := time.time() - began) < seconds:
        due = int(elapsed * rate)
        stamp = f"{time.time():.4f} {FILLER}\n"
        sys.stdout.write(stamp * (due - printed))
        sys.stdout.flush()
        printed = due
        time.sleep(FLUSH_SECONDS)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
