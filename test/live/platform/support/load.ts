import autocannon from "autocannon";

/** A load that goes on until it is stopped, and then says how it went. */
export function startLoad(options: autocannon.Options): { stop: () => Promise<autocannon.Result> } {
  let instance: autocannon.Instance;
  const result = new Promise<autocannon.Result>((done, fail) => {
    instance = autocannon(options, (error: Error | null, outcome) => (error ? fail(error) : done(outcome)));
  });
  return {
    stop: () => {
      instance.stop();
      return result;
    },
  };
}
