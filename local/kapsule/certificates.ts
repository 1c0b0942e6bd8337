import "reflect-metadata";
import { createHash, createPublicKey, generateKeyPairSync, KeyObject, randomBytes, webcrypto } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import { writeFile } from "./files";

x509.cryptoProvider.set(webcrypto);

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const YEARS = 10;

/** A certificate and its private key, both PEM files. */
export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateRequest {
  /** File name without extension. */
  readonly name: string;
  readonly commonName: string;
  /** Kubernetes reads the organizations of a client certificate as groups. */
  readonly organizations?: readonly string[];
  readonly usage: readonly ("client" | "server")[];
  readonly dnsNames?: readonly string[];
  readonly addresses?: readonly string[];
}

/**
 * A certificate authority in a directory: made on first use, the same ever after.
 * Certificates are made anew only where their request changed, so that a restart rotates nothing.
 */
export class CertificateAuthority {
  private constructor(
    private readonly directory: string,
    private readonly authority: x509.X509Certificate,
    private readonly key: webcrypto.CryptoKey,
    /** Files of the authority itself. */
    readonly files: Pair,
  ) {}

  static async open(directory: string, name: string): Promise<CertificateAuthority> {
    const files = { certificate: join(directory, `${name}.pem`), key: join(directory, `${name}-key.pem`) };
    if (!existsSync(files.certificate)) {
      const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
      const authority = await x509.X509CertificateGenerator.createSelfSigned({
        serialNumber: serialNumber(),
        name: [{ CN: [name] }],
        ...validity(),
        signingAlgorithm: ALGORITHM,
        keys: keys,
        extensions: [
          new x509.BasicConstraintsExtension(true, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
          await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        ],
      });
      writeFile(files.key, privatePem(keys.privateKey));
      // The certificate is written last: where it exists, the key exists.
      writeFile(files.certificate, authority.toString("pem"), 0o644);
    }
    const authority = new x509.X509Certificate(readFileSync(files.certificate, "utf8"));
    const encoded = x509.PemConverter.decodeFirst(readFileSync(files.key, "utf8"));
    const key = await webcrypto.subtle.importKey("pkcs8", encoded, ALGORITHM, false, ["sign"]);
    return new CertificateAuthority(directory, authority, key, files);
  }

  /** PEM of the authority. */
  get certificate(): string {
    return readFileSync(this.files.certificate, "utf8");
  }

  /** Certificate of this request; made where there is none or the one there was made for another request. */
  async issue(request: CertificateRequest): Promise<Pair> {
    const files = {
      certificate: join(this.directory, `${request.name}.pem`),
      key: join(this.directory, `${request.name}-key.pem`),
    };
    const record = join(this.directory, `${request.name}.request`);
    const wanted = createHash("sha256").update(JSON.stringify(request)).digest("hex");
    const made = [record, files.certificate, files.key].every(existsSync) && readFileSync(record, "utf8") === wanted;
    if (made) return files;
    const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject: [{ CN: [request.commonName] }, ...(request.organizations ?? []).map((name) => ({ O: [name] }))],
      issuer: this.authority.subject,
      ...validity(),
      signingAlgorithm: ALGORITHM,
      publicKey: keys.publicKey,
      signingKey: this.key,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension(
          request.usage.map((usage) => x509.ExtendedKeyUsage[usage === "client" ? "clientAuth" : "serverAuth"]),
        ),
        ...alternativeNames(request),
      ],
    });
    writeFile(files.key, privatePem(keys.privateKey));
    writeFile(files.certificate, certificate.toString("pem"), 0o644);
    writeFile(record, wanted);
    return files;
  }
}

/** Key pair that signs service account tokens. */
export function serviceAccountKeys(directory: string): { privateKey: string; publicKey: string } {
  const files = {
    privateKey: join(directory, "service-account-key.pem"),
    publicKey: join(directory, "service-account.pub"),
  };
  if (!existsSync(files.publicKey)) {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    writeFile(files.privateKey, privateKey.export({ type: "sec1", format: "pem" }));
    writeFile(files.publicKey, createPublicKey(privateKey).export({ type: "spki", format: "pem" }), 0o644);
  }
  return files;
}

function alternativeNames({ dnsNames = [], addresses = [] }: CertificateRequest): x509.Extension[] {
  const names: x509.JsonGeneralName[] = [
    ...dnsNames.map((value) => ({ type: "dns", value }) as const),
    ...addresses.map((value) => ({ type: "ip", value }) as const),
  ];
  return names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : [];
}

function validity(): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  // An hour back: the clock of a virtual machine may be set back after its start.
  return { notBefore: new Date(now - 3_600_000), notAfter: new Date(now + YEARS * 365 * 86_400_000) };
}

/** 15 random bytes behind a fixed one: positive and never zero, as X.509 wants it. */
const serialNumber = (): string => `01${randomBytes(15).toString("hex")}`;

function privatePem(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: "pkcs8", format: "pem" }).toString();
}
