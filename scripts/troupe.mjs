#!/usr/bin/env node
// npx troupe, from a clone: builds when needed, then runs the program.
import path from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { ensureBuild } from "./ensure-build.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
// What is built says so on standard output, which is the command's.
console.log = console.error
try {
  await ensureBuild(root, new AbortController().signal, ["ignore", 2, 2])
} catch (cause) {
  console.error(cause.message)
  process.exit(1)
}
await import(pathToFileURL(path.join(root, "dist", "server", "troupe.mjs")).href)
