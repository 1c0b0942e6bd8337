const POLL_MS = 100;

/** Asks again and again until the answer is yes or the seconds are over; says which. */
export async function until(condition: () => Promise<boolean> | boolean, limitSeconds: number): Promise<boolean> {
  const end = Date.now() + limitSeconds * 1000;
  while (!(await condition())) {
    if (Date.now() >= end) return false;
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
  return true;
}
