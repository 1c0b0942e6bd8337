import type { FakeProgram } from "./fake-runner";

/**
 * What the containers of these tests do, by their first word: `say <output> <text>` writes a parameter, `keep <path>
 * <text>` a file, `fail` and `lose` end badly, `hold` runs until it is ended. Other words do nothing.
 */
export const words: FakeProgram = (container) => {
  const [, verb, ...rest] = container.words;
  if (verb === "say") container.output(rest[0] ?? "", rest[1] ?? "");
  if (verb === "keep") container.write(rest[0] ?? "", rest[1] ?? "");
  if (verb === "hold") return new Promise(() => undefined);
  if (verb === "lose") return { kind: "lost", reason: "NodeLost", message: "Its node is gone." };
  if (verb !== "fail") return undefined;
  container.log("the last line\n");
  return { kind: "failed", reason: "Error", message: "It failed.", exitCode: 1 };
};
