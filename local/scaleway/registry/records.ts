import type { Timestamps } from "../platform";

export interface Namespace extends Timestamps {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly organization_id: string;
  readonly project_id: string;
  readonly region: string;
  readonly is_public: boolean;
  readonly status: "ready" | "deleting";
  readonly stuck?: boolean;
}

/** A manifest that was pushed. */
export interface Image {
  /** `<namespace>/<image>@<tag or digest>`. */
  readonly id: string;
  readonly namespace_id: string;
  /** Without the namespace. */
  readonly name: string;
  /** Layers and configuration as the manifest states them; layers that images share count once in each. */
  readonly bytes: number;
}
