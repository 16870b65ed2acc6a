import { createHash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"

/** What a build is made from, relative to the root. Migrations are not in it: the server reads them where they lie. */
const folders = ["src", "workspace-agent", "web"]
const files = ["package.json", "package-lock.json", "tsconfig.json", "scripts/build.mjs"]

const isSource = (name) => !/\.test\.tsx?$/.test(name)

const listFiles = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === "node_modules" || entry.name === "dist") return []
    const inner = path.join(folder, entry.name)
    if (entry.isDirectory()) return listFiles(inner)
    return entry.isFile() && isSource(entry.name) ? [inner] : []
  })

/**
 * A hash of everything that decides what a build looks like: sources, lock file and Node's major version. Contents count,
 * not times: a checkout of the same commit needs no new build. Reading all of it takes about 20 ms.
 */
export const fingerprint = (root) => {
  const hash = createHash("sha256").update(`node ${process.versions.node.split(".")[0]}\n`)
  const all = [
    ...folders.flatMap((folder) => listFiles(path.join(root, folder))),
    ...files.map((file) => path.join(root, file)),
  ]
  for (const file of all.sort()) {
    const content = readFileSync(file)
    hash.update(`${path.relative(root, file).replaceAll("\\", "/")} ${content.length}\n`).update(content)
  }
  return hash.digest("hex")
}
