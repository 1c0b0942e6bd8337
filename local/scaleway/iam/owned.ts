import { z } from "zod";
import type { Instance } from "../../instance";
import { newborn, touched, type Timestamps } from "../platform";
import { optional, resourceName, tags } from "../server/validation";
import { organizationOf } from "./rights";

/** What everything that an organization owns in IAM has. */
export interface Owned extends Timestamps {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly organization_id: string;
  readonly tags: string[];
}

/** What a request may say of it at any time. */
export const description = { name: optional(resourceName), description: optional(z.string()), tags };
/** What a request may say of a new one. */
export const newDescription = { ...description, organization_id: optional(z.string()) };

type Description = z.output<z.ZodObject<typeof description>>;
type NewDescription = z.output<z.ZodObject<typeof newDescription>>;

/** A new record; without a name it gets one of Scaleway's form, such as `app-1a2b3c4d`. */
export function newOwned(instance: Instance, prefix: string, body: NewDescription): Owned {
  const base = newborn();
  return {
    ...base,
    name: body.name ?? `${prefix}-${base.id.slice(0, 8)}`,
    description: body.description ?? "",
    organization_id: organizationOf(instance, body.organization_id),
    tags: body.tags ?? [],
  };
}

/** A record with what a request says of it; what it leaves out stays. */
export function redescribed<T extends Owned>(record: T, body: Description): T {
  return {
    ...record,
    name: body.name ?? record.name,
    description: body.description ?? record.description,
    tags: body.tags ?? record.tags,
    ...touched(),
  };
}
