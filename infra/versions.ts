/**
 * Every version of somebody else's work that the program itself names. Packages are pinned by package-lock.json,
 * the Kubernetes version of an environment is a setting, and our own images are tagged by their content.
 */

// renovate: datasource=docker depName=debian
export const DEBIAN = "docker.io/library/debian:13-slim";
