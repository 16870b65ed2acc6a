import { Redacted } from "effect"
import pg from "pg"

/** How to reach the embedded server. `host` is the folder of its Unix socket (an address on Windows). */
export interface Connection {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: Redacted.Redacted
  readonly database: string
}

const withClient = async <A>(
  connection: Connection,
  database: string,
  use: (client: pg.Client) => Promise<A>,
): Promise<A> => {
  const client = new pg.Client({
    ...connection,
    database,
    password: Redacted.value(connection.password),
    connectionTimeoutMillis: 10_000,
    application_name: "troupe-launcher",
  })
  // A server that ends while we are connected is reported by the query; the event alone would end this process.
  client.on("error", () => undefined)
  try {
    await client.connect()
    return await use(client)
  } finally {
    await client.end()
  }
}

const codeOf = (cause: unknown) => (cause instanceof pg.DatabaseError ? cause.code : undefined)

const unknownDatabase = "3D000"
/** Two that create the same database at once: one gets the first, or, very close, the second. */
const databaseExists = ["42P04", "23505"]

/** Creates the database when it is missing. */
export const ensureDatabase = async (connection: Connection): Promise<void> => {
  try {
    await withClient(connection, connection.database, () => Promise.resolve())
  } catch (cause) {
    if (codeOf(cause) !== unknownDatabase) throw cause
    await withClient(connection, "postgres", (client) => client.query(`create database ${connection.database}`)).catch(
      (failed: unknown) => {
        if (!databaseExists.includes(codeOf(failed) ?? "")) throw failed
      },
    )
  }
}

/** Whether what answers is the server of this data folder, and takes our password. */
export const isServing = (connection: Connection, data: string): Promise<boolean> =>
  withClient(connection, "postgres", async (client) => {
    const { rows } = await client.query<{ folder: string }>("select current_setting('data_directory') as folder")
    return rows[0]?.folder === data
  }).catch(() => false)

/** Connections whose name begins with "troupe ", without those of `applicationName`. */
export const countUsers = (connection: Connection, applicationName: string): Promise<number> =>
  withClient(connection, "postgres", async (client) => {
    const { rows } = await client.query<{ others: number }>(
      "select count(*)::int as others from pg_stat_activity where application_name like 'troupe %' and application_name <> $1",
      [applicationName],
    )
    return rows[0]?.others ?? 0
  })
