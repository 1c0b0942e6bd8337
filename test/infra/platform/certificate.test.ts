import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { connect } from "node:tls";
import * as x509 from "@peculiar/x509";
import { selfSigned } from "../../../infra/platform/kubeflow/certificate";

const names = ["ml-pipeline.recommenders.svc", "ml-pipeline.recommenders.svc.cluster.local"];
const request = {
  seed: "a secret of more than thirty-two characters",
  names,
  notBefore: new Date("2026-01-01T00:00:00Z"),
  notAfter: new Date("2036-01-01T00:00:00Z"),
};

describe("A self-signed certificate", () => {
  it("says what it was asked to say, as two other readers understand it", () => {
    const { certificate } = selfSigned(request);

    const read = new X509Certificate(certificate);
    assert.equal(read.subject, `CN=${names[0]}`);
    assert.equal(read.subjectAltName, names.map((name) => `DNS:${name}`).join(", "));
    assert.deepEqual([new Date(read.validFrom), new Date(read.validTo)], [request.notBefore, request.notAfter]);
    assert.equal(read.ca, false);
    assert.ok(read.verify(read.publicKey));
    const parsed = new x509.X509Certificate(certificate);
    assert.deepEqual(parsed.getExtension(x509.KeyUsagesExtension)?.usages, x509.KeyUsageFlags.digitalSignature);
    assert.deepEqual(
      [...(parsed.getExtension(x509.ExtendedKeyUsageExtension)?.usages ?? [])],
      [x509.ExtendedKeyUsage.serverAuth],
    );
  });

  it("counts years from 2050 on in four digits", () => {
    const notAfter = new Date("2055-06-07T08:09:10Z");

    assert.deepEqual(new Date(new X509Certificate(selfSigned({ ...request, notAfter }).certificate).validTo), notAfter);
  });

  it("carries more names than fit into a short length", () => {
    const many = Array.from({ length: 40 }, (_, i) => `name-${i}.recommenders.svc.cluster.local`);

    const read = new X509Certificate(selfSigned({ ...request, names: many }).certificate);

    assert.equal(read.subjectAltName?.split(", ").length, 40);
    assert.ok(read.verify(read.publicKey));
  });

  it("follows from its arguments alone, and from all of them", () => {
    const again = selfSigned({ ...request });
    const other = selfSigned({ ...request, seed: "another secret of more than thirty-two characters" });
    const longer = selfSigned({ ...request, notAfter: new Date("2037-01-01T00:00:00Z") });

    assert.deepEqual(selfSigned(request), again);
    assert.notEqual(other.privateKey, again.privateKey);
    assert.notEqual(longer.certificate, again.certificate);
    assert.notEqual(
      new X509Certificate(longer.certificate).serialNumber,
      new X509Certificate(again.certificate).serialNumber,
    );
  });

  it("is trusted by whoever is given it, under its names and no other", async () => {
    const { certificate, privateKey } = selfSigned(request);
    const server = createServer({ cert: certificate, key: privateKey });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as AddressInfo;
    const shake = (servername: string) =>
      new Promise<string>((done) => {
        const socket = connect({ host: "127.0.0.1", port, servername, ca: certificate }, () => {
          socket.destroy();
          done("trusted");
        }).on("error", (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
      });

    try {
      assert.equal(await shake(names[1] ?? ""), "trusted");
      assert.equal(await shake("ml-pipeline.elsewhere.svc"), "ERR_TLS_CERT_ALTNAME_INVALID");
    } finally {
      server.close();
    }
  });

  it("refuses an end before the beginning", () => {
    assert.throws(
      () => selfSigned({ ...request, notAfter: new Date("2025-01-01T00:00:00Z") }),
      /ml-pipeline\.recommenders\.svc would end \(2025-01-01T00:00:00\.000Z\) before it begins/,
    );
  });
});
