import { strict as assert } from "node:assert";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CertificateAuthority } from "../../local/kapsule/certificates";

describe("Certificates of a cluster", () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "certificates-"))));
  afterEach(() => rmSync(directory, { recursive: true }));

  const server = {
    name: "server",
    commonName: "kube-apiserver",
    usage: ["server"] as const,
    dnsNames: ["kubernetes"],
    addresses: ["10.32.0.1"],
  };
  const read = (file: string): X509Certificate => new X509Certificate(readFileSync(file));

  it("carry the names and the groups that were asked for, and are signed by their authority", async () => {
    const authority = await CertificateAuthority.open(directory, "ca");
    const files = await authority.issue({ ...server, organizations: ["system:nodes"] });
    const certificate = read(files.certificate);

    assert.ok(certificate.verify(read(authority.files.certificate).publicKey));
    assert.ok(certificate.checkPrivateKey((await import("node:crypto")).createPrivateKey(readFileSync(files.key))));
    assert.equal(certificate.subject, "CN=kube-apiserver\nO=system:nodes");
    assert.equal(certificate.subjectAltName, "DNS:kubernetes, IP Address:10.32.0.1");
    assert.deepEqual(certificate.keyUsage, ["1.3.6.1.5.5.7.3.1"]);
    assert.equal(statSync(files.key).mode & 0o777, 0o600);
  });

  it("stay the same when they are asked for again, and when the authority is opened again", async () => {
    const first = await (await CertificateAuthority.open(directory, "ca")).issue(server);
    const before = read(first.certificate).serialNumber;
    const again = await (await CertificateAuthority.open(directory, "ca")).issue(server);

    assert.equal(read(again.certificate).serialNumber, before);
  });

  it("are made anew when a name is added", async () => {
    const authority = await CertificateAuthority.open(directory, "ca");
    const before = read((await authority.issue(server)).certificate).serialNumber;
    const after = read(
      (await authority.issue({ ...server, dnsNames: ["kubernetes", "kubernetes.example.org"] })).certificate,
    );

    assert.notEqual(after.serialNumber, before);
    assert.match(after.subjectAltName ?? "", /kubernetes\.example\.org/);
  });
});
