import { z } from "zod";

/** A Kubernetes quantity with its unit, such as "512Mi". */
export type Quantity = `${number}${"Mi" | "Gi" | "Ti"}`;

export const quantity = z
  .string()
  .regex(
    /^[1-9]\d*(Mi|Gi|Ti)$/,
    'a whole number with the unit Mi, Gi or Ti, such as "512Mi"',
  ) as unknown as z.ZodType<Quantity>;

/** A CPU quantity: whole cores ("2") or thousandths of a core ("250m"). */
export const cpu = z.string().regex(/^[1-9]\d*m?$/, 'cores in quotes: "2", or thousandths of one such as "250m"');

/** A duration as the autoscaler reads it, such as "10m" or "1h30m". */
export const duration = z
  .string()
  .regex(/^(?=.)(\d+h)?(\d+m)?(\d+s)?$/, 'hours, minutes and seconds such as "10m", "90s" or "1h30m"');

export const uuid = z
  .string()
  .regex(
    /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
    "a UUID in lower case, as the Scaleway console shows it",
  );

export const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits in lower case and in quotes, as sha256sum prints them");

/** A time in UTC. The engine's YAML reader hands a time without quotes over in the second spelling. */
export const instant = z
  .string()
  .regex(
    /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ| \d\d:\d\d:\d\d \+0000 UTC)$/,
    'a time in UTC such as "2027-06-30T00:00:00Z"',
  )
  .transform((text) => text.replace(/ \+0000 UTC$/, "Z").replace(" ", "T"))
  .refine((text) => !Number.isNaN(Date.parse(text)), "a day that the calendar has, and a time of that day");

const IPV4_NETWORK = 'an IPv4 network such as "172.16.0.0/22"';

/** An IPv4 network in CIDR notation: every bit beyond the prefix is 0, since the API refuses others at the deploy. */
export const ipv4Network = z.string().superRefine((text, context) => {
  const network = networkOf(text);
  if (network === text) return;
  const message = network ? `"${network}", the network that this address lies in` : IPV4_NETWORK;
  context.addIssue({ code: "custom", message });
});

/** The network that an address with a prefix lies in; undefined for text of another form. */
function networkOf(text: string): string | undefined {
  const parts = (/^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(text) ?? []).slice(1).map(Number);
  if (parts.length !== 5 || parts.some((part, i) => part > (i < 4 ? 255 : 32))) return undefined;
  const prefix = parts.pop() ?? 0;
  const bytes = parts.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, prefix - 8 * i))));
  return `${bytes.join(".")}/${prefix}`;
}

/** A name that may stand in host names: what buckets, registry namespaces and Kubernetes labels allow. */
export const hostLabel = z
  .string()
  .regex(/^[a-z]([-a-z0-9]*[a-z0-9])?$/, "lower-case letters, digits and dashes, beginning with a letter")
  .max(40, "at most 40 characters, since suffixes follow");

/** CPU and memory of one container; the memory is request and limit at once, so that no step can starve a node. */
export const resources = (defaults: { cpu: string; memory: Quantity }) =>
  z
    .strictObject({
      cpu: cpu.default(defaults.cpu).describe("Cores kept for the container; it may use more while the node has them."),
      memory: quantity.default(defaults.memory).describe("Memory kept for the container; above it the kernel ends it."),
    })
    .prefault({});

/** CPU and memory of one container. */
export type ContainerResources = z.output<ReturnType<typeof resources>>;

/**
 * A rule over several fields of a section, told as one sentence.
 * It is judged as soon as the fields it speaks of are well-formed, whatever else is wrong in the section: a reader
 * learns all mistakes of a file at once.
 *
 * @param facts what the rule needs to know, as a schema that is not strict
 * @param broken the sentence and the key it belongs to, or undefined where the rule is kept
 */
export function withRule<S extends z.ZodType, F>(
  schema: S,
  facts: z.ZodType<F>,
  broken: (facts: F) => { path: (string | number)[]; message: string } | undefined,
): S {
  return schema.superRefine(
    (value, context) => {
      const mistake = broken(facts.parse(value));
      if (mistake) context.addIssue({ code: "custom", ...mistake });
    },
    { when: ({ value }) => facts.safeParse(value).success },
  );
}
