import type { Timestamps } from "../platform";

export interface Secret extends Timestamps {
  readonly id: string;
  readonly project_id: string;
  readonly region: string;
  readonly name: string;
  readonly path: string;
  readonly type: string;
  readonly tags: string[];
  readonly description: string;
  readonly protected: boolean;
  readonly ephemeral_policy: unknown;
  /** Set by a deletion, which is soft: the secret stays readable with this date. */
  readonly deletion_requested_at: string | null;
  /** Revision of the newest version that ever was: the number of a deleted one is not given again. Absent before the first. */
  readonly last_revision?: number;
}

export interface Version extends Timestamps {
  /** `<secret id>/<revision>`. */
  readonly id: string;
  readonly secret_id: string;
  readonly revision: number;
  readonly status: "enabled" | "disabled";
  readonly description: string;
  /** Base64, as the client sent it. */
  readonly data: string;
}

/** Decoded size above which a version is refused. */
export const LARGEST_SECRET_BYTES = 64 * 1024;
