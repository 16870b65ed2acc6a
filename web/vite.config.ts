import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import tailwindcss from "@tailwindcss/vite"
import react from "@vitejs/plugin-react"
import { defineConfig, type Plugin } from "vite"

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const FIRST_PAINT = "src/first-paint.js"

/**
 * Gives the script that runs before the first paint a hash in its name, so that browsers keep it. It is no module, since those
 * run later, and so the bundler leaves it alone.
 */
const firstPaint = (): Plugin => ({
  name: "troupe:first-paint",
  apply: "build",
  buildStart() {
    const source = readFileSync(here(FIRST_PAINT), "utf8").replaceAll(/^\s*\/\/.*\n/gm, "")
    this.emitFile({ type: "asset", name: "first-paint.js", source: `{${source}}` })
  },
  transformIndexHtml: {
    order: "post",
    handler(html, { bundle }) {
      const made = Object.keys(bundle ?? {}).find((name) => name.includes("first-paint"))
      if (made === undefined) throw new Error(`${FIRST_PAINT} was not built`)
      return html.replace(`/${FIRST_PAINT}`, `/${made}`)
    },
  },
})

export default defineConfig({
  root: here("."),
  plugins: [react(), tailwindcss(), firstPaint()],
  build: {
    outDir: process.env["TROUPE_WEB_OUT"] || here("../dist/web"),
    emptyOutDir: true,
    // The Markdown renderer and some grammars are large; all of them are loaded when first needed.
    chunkSizeWarningLimit: 900,
    target: ["chrome123", "edge123", "firefox128", "safari17.5"],
  },
  server: {
    host: "127.0.0.1",
    proxy: { "/api": { target: process.env["TROUPE_DEV_SERVER"] || "http://127.0.0.1:7080", ws: true } },
  },
})
