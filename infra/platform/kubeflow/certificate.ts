import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";
import {
  bitString,
  identifier,
  integer,
  octetString,
  primitive,
  sequence,
  set,
  tagged,
  time,
  TRUE,
  utf8String,
} from "./der";

export interface CertificateRequest {
  /** Secret text that the key is made from: at least 256 bits of chance. */
  readonly seed: string;
  /** DNS names of the server; the first is also the subject. */
  readonly names: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** A certificate and its key, both in PEM. */
export interface Certificate {
  readonly certificate: string;
  /** Secret. */
  readonly privateKey: string;
}

/** Ed25519, RFC 8410. */
const ED25519 = sequence(identifier("1.3.101.112"));
const COMMON_NAME = "2.5.4.3";
const KEY_USAGE = "2.5.29.15";
const ALTERNATIVE_NAMES = "2.5.29.17";
const BASIC_CONSTRAINTS = "2.5.29.19";
const EXTENDED_KEY_USAGE = "2.5.29.37";
const SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1";
/** DER of a private key of RFC 8410, up to the 32 bytes of the key itself. */
const PRIVATE_KEY_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");

/**
 * A server certificate that is its own authority. Key, serial number and signature follow from the arguments alone
 * (Ed25519 draws no chance when it signs), so a preview that makes it again sees the same bytes, and nothing but the
 * seed needs to be kept.
 *
 * @throws Error where the end is not after the beginning
 */
export function selfSigned({ seed, names, notBefore, notAfter }: CertificateRequest): Certificate {
  if (notAfter <= notBefore)
    throw new Error(
      `The certificate of ${names[0]} would end (${notAfter.toISOString()}) before it begins (${notBefore.toISOString()}). Give a later end.`,
    );
  const der = Buffer.concat([PRIVATE_KEY_HEAD, digest("key", seed)]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const publicKey = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  const subject = sequence(set(sequence(identifier(COMMON_NAME), utf8String(names[0] ?? ""))));
  const serial = digest("serial", [seed, ...names, notAfter.toISOString()].join("\n")).subarray(0, 16);
  // A serial number is positive and does not begin with zeros.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const content = sequence(
    tagged(0, integer(Buffer.of(2))),
    integer(serial),
    ED25519,
    subject,
    sequence(time(notBefore), time(notAfter)),
    subject,
    publicKey,
    tagged(3, extensions(names)),
  );
  const certificate = sequence(content, ED25519, bitString(sign(null, content, privateKey)));
  return { certificate: pem("CERTIFICATE", certificate), privateKey: pem("PRIVATE KEY", der) };
}

function extensions(names: readonly string[]): Buffer {
  const critical = (id: string, content: Buffer) => sequence(identifier(id), TRUE, octetString(content));
  const plain = (id: string, content: Buffer) => sequence(identifier(id), octetString(content));
  const dnsNames = names.map((name) => primitive(2, Buffer.from(name)));
  return sequence(
    // No authority: who trusts this certificate trusts no other one for it.
    critical(BASIC_CONSTRAINTS, sequence()),
    // Bit 0, digital signature; the seven bits after it are unused.
    critical(KEY_USAGE, Buffer.from([0x03, 0x02, 0x07, 0x80])),
    plain(EXTENDED_KEY_USAGE, sequence(identifier(SERVER_AUTHENTICATION))),
    plain(ALTERNATIVE_NAMES, sequence(...dnsNames)),
  );
}

function digest(purpose: string, text: string): Buffer {
  return createHash("sha256").update(`${purpose}\n${text}`).digest();
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString("base64").replace(/.{1,64}/g, "$&\n");
  return `-----BEGIN ${label}-----\n${lines}-----END ${label}-----\n`;
}
