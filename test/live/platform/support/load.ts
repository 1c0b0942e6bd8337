import autocannon from "autocannon";

/** Far longer than any work beside it: the load is stopped once that is done. */
const LONGEST_SECONDS = 3600;

/** Keeps a load up while something else happens, however that ends, and says how the load fared. */
export async function underLoad(
  options: Omit<autocannon.Options, "duration">,
  work: () => Promise<void>,
): Promise<autocannon.Result> {
  let instance: autocannon.Instance | undefined;
  const result = new Promise<autocannon.Result>((done, fail) => {
    instance = autocannon({ ...options, duration: LONGEST_SECONDS }, (error: Error | null, outcome) =>
      error ? fail(error) : done(outcome),
    );
  });
  try {
    await work();
  } finally {
    instance?.stop();
  }
  return result;
}
