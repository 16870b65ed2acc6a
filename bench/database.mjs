import { readFileSync } from "node:fs"
import { join } from "node:path"
import pg from "pg"

/** The embedded database of an installation, to fill it faster than turns could and to look at its tables. */
export async function withDatabase(installation, use) {
  const data = join(installation.dataDir, "data")
  const client = new pg.Client(
    process.env.TROUPE_DATABASE_URL
      ? { connectionString: process.env.TROUPE_DATABASE_URL }
      : {
          host: join(data, "run"),
          port: 5432,
          user: "troupe",
          password: readFileSync(join(data, "postgres", "password"), "utf8").trim(),
          database: "troupe",
        },
  )
  await client.connect()
  try {
    return await use((text, values) => client.query(text, values).then(({ rows }) => rows))
  } finally {
    await client.end()
  }
}
