import { Effect } from "effect"
import pino from "pino"
import { afterAll, beforeAll } from "vitest"
import { type RunningServer, startServer } from "../../src/main/server.ts"
import { type Environment, readSettings } from "../../src/settings.ts"
import { Client } from "./client.ts"
import { type TestDatabase, useTestDatabase } from "./postgres.ts"
import { ScriptedProvider } from "./scripted-provider.ts"
import { OWNER } from "./server-process.ts"

/** The whole server in this process, from its sources, with its owner signed in and a scripted model. */
export interface ChatServer {
  readonly url: string
  readonly client: Client
  readonly provider: ScriptedProvider
  readonly database: TestDatabase
}

/** For the test file that calls this at its top level. */
export const useChatServer = (environment: Environment = {}): ChatServer => {
  const database = useTestDatabase()
  let made: (Omit<ChatServer, "database"> & { readonly server: RunningServer }) | undefined

  beforeAll(async () => {
    const settings = await Effect.runPromise(
      readSettings({
        TROUPE_HTTP_ADDRESS: "127.0.0.1:0",
        TROUPE_DATABASE_URL: database.url,
        TROUPE_DATA_DIR: database.dataDir,
        TROUPE_FIRST_USER_EMAIL: OWNER.email,
        TROUPE_FIRST_USER_USERNAME: OWNER.username,
        TROUPE_FIRST_USER_PASSWORD: OWNER.password,
        ...environment,
      }),
    )
    const server = await startServer(settings, pino({ level: "silent" }))
    const provider = await ScriptedProvider.start()
    const client = await Client.signIn(server.url)
    await client.addScriptedModel(provider)
    made = { url: server.url, client, provider, server }
  })
  afterAll(async () => {
    await made?.server.stop()
    await made?.provider.close()
  })

  const ready = () => {
    if (made === undefined) throw new Error("The server runs from beforeAll on")
    return made
  }
  return {
    database,
    get url() {
      return ready().url
    },
    get client() {
      return ready().client
    },
    get provider() {
      return ready().provider
    },
  }
}
