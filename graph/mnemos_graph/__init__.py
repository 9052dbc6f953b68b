"""The memory itself: what is known, what was known when, and the log of every change."""

import os

# Before numpy is imported anywhere: after each small product OpenBLAS's further threads wait busily
# for the next one, which took 40 ms of processor time for a recall that needs 7.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
