"""What memories of each kind do by themselves: last, count, weigh more or less."""
