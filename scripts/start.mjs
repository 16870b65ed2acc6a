// npm start: builds when needed, then becomes the server.
import path from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { ensureBuild } from "./ensure-build.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
try {
  await ensureBuild(root)
} catch (cause) {
  console.error(cause.message)
  process.exit(1)
}
await import(pathToFileURL(path.join(root, "dist", "server", "main.mjs")).href)
