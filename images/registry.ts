/** A registry namespace that images are pushed to. */
export interface Registry {
  /** Host, and port where it is not the usual one. */
  readonly host: string;
  readonly namespace: string;
  readonly user: string;
  readonly password: string;
  /** False for a registry on the loopback interface. @default true */
  readonly tls?: boolean;
}

interface Manifest {
  readonly config?: { readonly digest: string };
}

interface Configuration {
  readonly config?: { readonly Labels?: Readonly<Record<string, string>> | null };
}

/**
 * Labels of an image in a registry, undefined where it has no such image.
 * @throws Error naming the registry and what it answered, where it refuses or does not answer
 */
export async function imageLabels(
  registry: Registry,
  image: string,
  tag: string,
): Promise<Record<string, string> | undefined> {
  const repository = `${registry.namespace}/${image}`;
  const manifest = await get(registry, repository, `manifests/${tag}`);
  if (!manifest) return undefined;
  const digest = ((await manifest.json()) as Manifest).config?.digest;
  const blob = digest && (await get(registry, repository, `blobs/${digest}`));
  if (!blob) return {};
  return { ...((await blob.json()) as Configuration).config?.Labels };
}

async function get(registry: Registry, repository: string, path: string): Promise<Response | undefined> {
  const scheme = registry.tls === false ? "http" : "https";
  const url = `${scheme}://${registry.host}/v2/${repository}/${path}`;
  const basic = `Basic ${Buffer.from(`${registry.user}:${registry.password}`).toString("base64")}`;
  let response = await ask(url, basic);
  const challenge = response.headers.get("www-authenticate");
  if (response.status === 401 && challenge?.startsWith("Bearer ")) {
    response = await ask(url, `Bearer ${await token(challenge, basic)}`);
  }
  if (response.status === 404) return undefined;
  if (!response.ok) {
    throw new Error(
      `Registry ${registry.host} answered ${response.status} for ${repository}: check namespace and secret key.`,
    );
  }
  return response;
}

/** Asks for what the challenge names; the token is good for this repository. */
async function token(challenge: string, basic: string): Promise<string> {
  const field = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1];
  const url = new URL(field("realm") ?? "");
  for (const name of ["service", "scope"]) url.searchParams.set(name, field(name) ?? "");
  const response = await ask(url.href, basic);
  if (!response.ok)
    throw new Error(`${url.host} answered ${response.status} to the registry's login: check the secret key.`);
  const { token: plain, access_token: access } = (await response.json()) as { token?: string; access_token?: string };
  return plain ?? access ?? "";
}

async function ask(url: string, authorization: string): Promise<Response> {
  const accept =
    "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json, */*";
  try {
    return await fetch(url, { headers: { accept, authorization }, signal: AbortSignal.timeout(30_000) });
  } catch (error) {
    const cause = (error as Error & { cause?: Error }).cause?.message ?? (error as Error).message;
    throw new Error(
      `Registry ${new URL(url).host} does not answer (${cause}). Is it running, and reachable from here?`,
      { cause: error },
    );
  }
}
