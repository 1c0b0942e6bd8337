/** The few forms of DER (ITU-T X.690) that a certificate is made of. */

/** A value with its tag and length in front. */
function value(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const bytes = Buffer.from(length.toString(16).padStart(length > 0xff ? 4 : 2, "0"), "hex");
  return Buffer.concat([Buffer.from([tag, 0x80 | bytes.length]), bytes, content]);
}

export const sequence = (...parts: Buffer[]) => value(0x30, Buffer.concat(parts));
export const set = (...parts: Buffer[]) => value(0x31, Buffer.concat(parts));
export const octetString = (content: Buffer) => value(0x04, content);
export const utf8String = (text: string) => value(0x0c, Buffer.from(text));
/** A whole number of bytes, as signatures and keys are. */
export const bitString = (content: Buffer) => value(0x03, Buffer.concat([Buffer.of(0), content]));
export const TRUE = value(0x01, Buffer.of(0xff));

/** An integer that is not negative, from its bytes. */
export const integer = (bytes: Buffer) => {
  const [first = 0] = bytes;
  // A leading bit would mean a negative number.
  return value(0x02, first >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
};

/** A constructed value with a tag of the structure's own. */
export const tagged = (number: number, content: Buffer) => value(0xa0 | number, content);
/** A primitive value with a tag of the structure's own, such as a DNS name among alternative names. */
export const primitive = (number: number, content: Buffer) => value(0x80 | number, content);

/** An object identifier such as "2.5.4.3". */
export function identifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return value(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(number: number): number[] {
  const digits = [number & 0x7f];
  for (let rest = number >> 7; rest > 0; rest >>= 7) digits.unshift((rest & 0x7f) | 0x80);
  return digits;
}

/** A time in the form that certificates need from the year 2050 on, and may have before. */
export function time(date: Date): Buffer {
  const digits = date
    .toISOString()
    .replace(/\.\d+Z$/, "")
    .replace(/\D/g, "");
  // RFC 5280: two digits of the year until 2049, four from then on.
  return date.getUTCFullYear() < 2050
    ? value(0x17, Buffer.from(`${digits.slice(2)}Z`))
    : value(0x18, Buffer.from(`${digits}Z`));
}
