"""How much of the evidence for real questions recall finds, beside plain baselines of the same run."""
