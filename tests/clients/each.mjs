/** Yield what an observable emits; leaving the loop unsubscribes. */
export async function* eachValueFrom(observable) {
  const come = [];
  let wake = () => {};
  let over = false;
  let wrong;
  const subscription = observable.subscribe({
    next: (value) => (come.push(value), wake()),
    error: (error) => ((wrong = error), wake()),
    complete: () => ((over = true), wake()),
  });
  try {
    for (;;) {
      while (come.length > 0) yield come.shift();
      if (wrong) throw wrong;
      if (over) return;
      await new Promise((resolve) => (wake = resolve));
    }
  } finally {
    subscription.unsubscribe();
  }
}
