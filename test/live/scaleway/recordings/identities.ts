import type { Account } from "../../../../local/instance";
import { isObject } from "./shape";

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|SCW[A-Z0-9]{17}/g;

const UUID = "([0-9a-f]{8}-[0-9a-f-]{27})";
const ORGANIZATION = new RegExp(`("organization(?:_id)?":"|organization(?:_id)?=|/organizations/)${UUID}`, "g");
const PROJECT = new RegExp(
  `("(?:default_)?project(?:_id)?":"|project(?:_id)?=|"project_ids":\\["|/projects/)${UUID}`,
  "g",
);
/** In place of an access key in addresses. */
const HIDDEN_ACCESS_KEY = "SCWXXXXXXXXXXXXXXXXX";

/** Ids of a recording and what they are here, learned from the answers to the same requests. */
export class Identities {
  private readonly ours = new Map<string, string>();
  /** Ids of objects that were not made here. */
  private readonly missing = new Set<string>();

  private newestAccessKey = HIDDEN_ACCESS_KEY;

  constructor(private readonly account: Account) {}

  /** Pairs the ids at the same places of two answers. */
  learn(recorded: unknown, ours: unknown): void {
    if (Array.isArray(recorded) && Array.isArray(ours))
      for (const [index, each] of recorded.entries()) {
        const own = counterpart(this.ours, each, index, recorded, ours);
        // Something that the real account had besides.
        if (own === undefined) this.miss(each);
        else this.learn(each, own);
      }
    if (!isObject(recorded) || !isObject(ours)) return;
    for (const [key, value] of Object.entries(recorded)) {
      if (/^(organization|project)(_id)?$/.test(key)) continue;
      const own = ours[key];
      if (key === "access_key" && typeof own === "string") this.newestAccessKey = own;
      if (typeof value === "string" && typeof own === "string" && isId(value) && isId(own)) {
        if (!this.ours.has(value)) this.ours.set(value, own);
      } else this.learn(value, own);
    }
  }

  /** Ids of an answer that could not be had here: what is asked about them cannot be judged. */
  miss(recorded: unknown): void {
    if (!isObject(recorded) && !Array.isArray(recorded)) return;
    for (const [key, value] of Object.entries(recorded)) {
      if (typeof value !== "string") this.miss(value);
      else if (/^(id|access_key)$/.test(key) && isId(value) && !this.ours.has(value)) this.missing.add(value);
    }
  }

  /** Whether a request speaks of something that was not made here. */
  isLost(text: string): boolean {
    return (text.match(ID) ?? []).some((id) => this.missing.has(id) && !this.ours.has(id));
  }

  /**
   * A path, query or body with the ids of this account. What belongs to no project made here is of the default one,
   * which at Scaleway has the id of its organization.
   */
  translate(text: string): string {
    const { organizationId, projectId } = this.account;
    return text
      .replace(ORGANIZATION, (_, before: string) => `${before}${organizationId}`)
      .replace(PROJECT, (_, before: string, id: string) => `${before}${this.ours.get(id) ?? projectId}`)
      .replace(HIDDEN_ACCESS_KEY, this.newestAccessKey)
      .replace(ID, (id) => this.ours.get(id) ?? id);
  }
}

const isId = (text: string): boolean => new RegExp(`^(${ID.source})$`).test(text);

/** The element of a list here that stands for a recorded one: of the same id, else of the same name or place. */
function counterpart(
  known: ReadonlyMap<string, string>,
  each: unknown,
  index: number,
  recorded: unknown[],
  ours: unknown[],
) {
  if (!isObject(each)) return undefined;
  const id = known.get(String(each["id"]));
  const of = (key: string, value: unknown) => ours.find((one) => isObject(one) && one[key] === value);
  if (id !== undefined) return of("id", id);
  return (
    (each["name"] === undefined ? undefined : of("name", each["name"])) ??
    (recorded.length === ours.length ? ours[index] : undefined)
  );
}
