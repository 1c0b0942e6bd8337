/** Parts of the official backend, as their pods are labelled. */
export const API_SERVER = "api-server";
export const PERSISTENCE_AGENT = "persistence-agent";
export const SCHEDULER = "scheduler";
export const WORKFLOW_CONTROLLER = "workflow-controller";
export const METADATA_STORE = "metadata-store";
export const METADATA_PROXY = "metadata-proxy";
export const PAGES = "pages";
export const DATABASE = "database";

export const METADATA_PORT = 8080;
export const METADATA_PROXY_PORT = 9090;
export const DATABASE_PORT = 3306;
