import type { Timestamps } from "../platform";
import type { Owned } from "./owned";

export type Application = Owned;

export interface Group extends Owned {
  readonly user_ids: string[];
  readonly application_ids: string[];
}

export interface Rule {
  readonly id: string;
  readonly permission_set_names: string[];
  readonly permission_sets_scope_type: "projects" | "organization";
  readonly condition: string;
  readonly project_ids?: string[];
  readonly organization_id?: string;
}

export interface Policy extends Owned {
  readonly application_id?: string;
  readonly group_id?: string;
  readonly user_id?: string;
  readonly no_principal?: boolean;
  readonly rules: Rule[];
}

export interface ApiKey extends Timestamps {
  /** The access key: `SCW` and 17 of A-Z0-9. */
  readonly id: string;
  /** Answered once, at creation; kept because calls and signatures are checked with it. */
  readonly secret_key: string;
  readonly application_id?: string;
  readonly user_id?: string;
  readonly description: string;
  readonly default_project_id: string;
  readonly expires_at: string | null;
  readonly creation_ip: string;
}
