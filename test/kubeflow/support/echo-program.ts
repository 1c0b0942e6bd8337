import type { FakeProgram } from "./fake-runner";

/**
 * What containers of the API's tests do: `echo <text>` writes to the log, `write <path> <text>` to a file, `fail <text>`
 * to the log and ends with 1, `wait` goes on until it is ended. Any other command succeeds.
 */
export const echo: FakeProgram = (container) => {
  const [verb, ...rest] = container.words;
  if (verb === "echo") container.log(`${rest.join(" ")}\n`);
  if (verb === "write") container.write(rest[0] ?? "", rest.slice(1).join(" "));
  if (verb === "wait") return new Promise(() => undefined);
  if (verb !== "fail") return undefined;
  container.log(`${rest.join(" ")}\n`);
  return { kind: "failed", reason: "Error", message: "The container ended with exit code 1.", exitCode: 1 };
};
