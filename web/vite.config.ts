import { fileURLToPath } from "node:url"
import tailwindcss from "@tailwindcss/vite"
import react from "@vitejs/plugin-react"
import { defineConfig } from "vite"

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  root: here("."),
  plugins: [react(), tailwindcss()],
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
