import { fileURLToPath } from "node:url"

/** The same seen from `src/db/` and from the bundle in `dist/server/`. */
export const migrationsFolder = fileURLToPath(new URL("../../migrations", import.meta.url))
