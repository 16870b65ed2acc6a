import { readFileSync } from "node:fs"

const isManifest = (value: unknown): value is { readonly version: string } =>
  typeof value === "object" && value !== null && "version" in value && typeof value.version === "string"

/** The same seen from `src/http/` and from the bundle in `dist/server/`. */
const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))

/** Of this server. */
export const version = isManifest(manifest) ? manifest.version : "unknown"
