import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import type { Service } from "../../local/supervisor/service";
import { checkService, fingerprint, runScript, shellWord } from "../../local/supervisor/service-files";

const service: Service = { name: "etcd", command: ["/bin/sh", "-c", "true"], environment: { PATH: "/bin" } };

describe("Service files", () => {
  it("quote any argument so that a shell reads it back unchanged", () => {
    const text = fc.string({ unit: "grapheme" }).filter((word) => !word.includes("\0"));
    fc.assert(
      fc.property(text, (word) => {
        const back = execFileSync("/bin/sh", ["-c", `printf %s ${shellWord(word)}`], { encoding: "utf8" });
        assert.equal(back, word);
      }),
      { numRuns: 50 },
    );
  });

  it("keep secrets out of the script that is started", () => {
    const script = runScript({ ...service, environment: { TOKEN: "s3cret" } }, "/run/x", "/bin/s6-envdir");

    assert.ok(!script.includes("s3cret"));
    assert.match(script, /exec env -i \/bin\/s6-envdir \/run\/x\/env \/bin\/sh -c true/);
  });

  it("change their fingerprint with every part of the definition, not with the order of variables", () => {
    const base = fingerprint({ ...service, environment: { A: "1", B: "2" } });

    assert.equal(fingerprint({ ...service, environment: { B: "2", A: "1" } }), base);
    const others: Service[] = [
      { ...service, environment: { A: "1", B: "3" } },
      { ...service, environment: { A: "1", B: "2" }, command: ["/bin/sh"] },
      { ...service, environment: { A: "1", B: "2" }, workingDirectory: "/tmp" },
      { ...service, environment: { A: "1", B: "2" }, graceSeconds: 1 },
    ];
    assert.equal(new Set([base, ...others.map(fingerprint)]).size, 5);
  });

  for (const [what, wrong, message] of [
    ["a name that is no folder", { ...service, name: "../etcd" }, /Service name "..\/etcd" is not usable/],
    ["a relative program", { ...service, command: ["sh"] }, /"etcd" has the program "sh": give its absolute path/],
    ["no program", { ...service, command: [] }, /"etcd" has the program ""/],
    ["a program that is not there", { ...service, command: ["/no/etcd"] }, /program \/no\/etcd does not exist/],
    ["a variable no environment holds", { ...service, environment: { "A=B": "" } }, /has the variable "A=B"/],
  ] as const) {
    it(`refuse ${what}`, () => assert.throws(() => checkService(wrong), message));
  }
});
