import { randomUUID } from "node:crypto";
import { z } from "zod";
import { type Platform, type Timestamps, find, newborn, projectFor, visible } from "../platform";
import { type Route, noContent, ok, param, route } from "../server/call";
import { page } from "../server/pagination";
import { bodyOf, optional, regionOf, resourceName } from "../server/validation";

interface Token extends Timestamps {
  readonly id: string;
  readonly project_id: string;
  readonly region: string;
  readonly name: string;
  readonly scopes: string[];
  readonly secret_key: string;
}

const BASE = "/cockpit/v1/regions/{region}/tokens";

/** Tokens by which metrics and logs are pushed; nothing receives these here. */
export function tokenRoutes(platform: Platform): Route[] {
  const tokens = platform.store.collection<Token>("cockpit-tokens");
  const view = ({ secret_key: _secret, ...token }: Token) => token;

  return [
    route("POST", BASE, "cockpit.CreateToken", (call) => {
      const body = bodyOf(
        call,
        z.object({ project_id: optional(z.string()), name: resourceName, token_scopes: optional(z.array(z.string())) }),
      );
      const region = regionOf(call);
      const token: Token = {
        ...newborn(),
        project_id: projectFor(call, platform, body.project_id),
        region,
        name: body.name,
        scopes: body.token_scopes ?? [],
        secret_key: randomUUID(),
      };
      return ok(tokens.put(token));
    }),
    route("GET", BASE, "cockpit.ListTokens", (call) => {
      regionOf(call);
      return ok(page(call, "tokens", visible(call, tokens.all()).map(view)));
    }),
    route("GET", `${BASE}/{id}`, "cockpit.GetToken", (call) =>
      ok(view(find(call, tokens, "token", param(call, "id")))),
    ),
    route("DELETE", `${BASE}/{id}`, "cockpit.DeleteToken", (call) => {
      tokens.delete(find(call, tokens, "token", param(call, "id")).id);
      return noContent;
    }),
  ];
}
