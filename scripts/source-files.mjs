import { readdirSync } from "node:fs"
import { join } from "node:path"

/** The folders that hold our code, relative to the project's root. */
export const SOURCE_FOLDERS = ["src", "workspace-agent", "web", "test", "bench", "scripts"]

const SKIPPED = new Set(["node_modules", "dist", "coverage", "generated", "test-results"])

/**
 * Our hand-written files below `folders`: paths relative to `root`, with forward slashes, sorted. Built and generated ones
 * (a `dist` or `generated` folder, `*.gen.ts`) are not ours to keep small or tidy, so they are left out.
 */
export function sourceFiles(root, folders = SOURCE_FOLDERS) {
  const found = []
  const walk = (folder) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) {
        if (!SKIPPED.has(entry.name)) walk(path)
      } else if (entry.isFile() && !/\.gen\.tsx?$/.test(entry.name)) found.push(path)
    }
  }
  const present = new Set(readdirSync(root))
  for (const folder of folders) if (present.has(folder)) walk(folder)
  return found.sort()
}
