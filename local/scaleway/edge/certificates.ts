import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import { REGIONS } from "../server/validation";

x509.cryptoProvider.set(webcrypto);

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY = 24 * 3600 * 1000;
const AUTHORITY_DAYS = 3650;
const SERVER_DAYS = 825;

/** PEM texts. */
export interface KeyAndCertificate {
  readonly key: string;
  readonly certificate: string;
}

/** Where the certificate of the local authority lies; images, plugins and pods trust it. */
export const authorityFile = (cacheDir: string): string => join(cacheDir, "ca", "ca.pem");

/**
 * The authority that vouches for Scaleway's names on this machine, made once per cache and trusted by our images and
 * plugins, not by the machine. Its key is readable by its owner only. Two starts may race: the first folder stays.
 */
export async function authority(cacheDir: string): Promise<KeyAndCertificate> {
  const directory = join(cacheDir, "ca");
  if (!existsSync(authorityFile(cacheDir))) {
    const made = await makeAuthority();
    mkdirSync(cacheDir, { recursive: true });
    const temporary = mkdtempSync(join(cacheDir, "ca-"));
    writeFileSync(join(temporary, "ca-key.pem"), made.key, { mode: 0o600 });
    writeFileSync(join(temporary, "ca.pem"), made.certificate, { mode: 0o644 });
    try {
      renameSync(temporary, directory);
    } catch (error) {
      rmSync(temporary, { recursive: true });
      if (!existsSync(authorityFile(cacheDir))) throw error;
    }
  }
  return {
    key: readFileSync(join(directory, "ca-key.pem"), "utf8"),
    certificate: readFileSync(authorityFile(cacheDir), "utf8"),
  };
}

async function makeAuthority(): Promise<KeyAndCertificate> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: "CN=Local Scaleway authority",
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + AUTHORITY_DAYS * DAY),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { key: await exportKey(keys.privateKey), certificate: certificate.toString("pem") };
}

/** A server certificate for every name of Scaleway that this machine answers for. */
export async function serverCertificate(signer: KeyAndCertificate): Promise<KeyAndCertificate> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const issuer = new x509.X509Certificate(signer.certificate);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: "CN=api.scaleway.com",
    issuer: issuer.subject,
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + SERVER_DAYS * DAY),
    publicKey: keys.publicKey,
    signingKey: await importKey(signer.key),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(serverNames().map((value) => ({ type: "dns" as const, value }))),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { key: await exportKey(keys.privateKey), certificate: certificate.toString("pem") };
}

export const serverNames = (): string[] => [
  "api.scaleway.com",
  ...REGIONS.flatMap((region) => [`s3.${region}.scw.cloud`, `*.s3.${region}.scw.cloud`, `rg.${region}.scw.cloud`]),
];

const serialNumber = (): string => `01${Buffer.from(webcrypto.getRandomValues(new Uint8Array(15))).toString("hex")}`;

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY")}\n`;
}

const importKey = (pem: string): Promise<webcrypto.CryptoKey> =>
  webcrypto.subtle.importKey("pkcs8", x509.PemConverter.decodeFirst(pem), ALGORITHM, false, ["sign"]);
