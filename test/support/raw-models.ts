import { afterAll, afterEach, beforeAll } from "vitest"
import type { ProviderType } from "../../src/contract/models.ts"
import { useReaders } from "./chat-view.ts"
import { type Engine, useEngines } from "./engine.ts"
import { RawProvider } from "./raw-provider.ts"

/** A raw server and a model there. Each has a base URL of its own, so that tests tell their requests apart. */
export interface RawModel {
  readonly id: string
  readonly server: RawProvider
}

/** An engine with models at raw servers, for the test file that calls this at its top level. */
export const useRawModels = (environment: Record<string, string> = {}) => {
  const engines = useEngines({ TROUPE_RETRY_CAP_MS: "20", ...environment })
  const follow = useReaders()
  const servers: Array<RawProvider> = []
  let engine: Engine | undefined
  let count = 0

  beforeAll(async () => {
    engine = await engines.start()
  })
  afterEach(() => {
    for (const server of servers) server.reset()
  })
  afterAll(() => Promise.all(servers.map((server) => server.close())))

  const ready = (): Engine => {
    if (engine === undefined) throw new Error("The engine is there from beforeAll on")
    return engine
  }

  return {
    engines,
    follow,
    get engine() {
      return ready()
    },
    /** One more server with one model. */
    add: async (provider: ProviderType, model = "raw", options: object = {}): Promise<RawModel> => {
      const server = await RawProvider.start()
      servers.push(server)
      const id = await engines.addModel(
        {
          provider,
          display_name: `Raw ${++count}`,
          base_url: provider === "anthropic" ? server.url : `${server.url}/v1`,
          api_key: `key-${count}`,
        },
        { model, ...options },
      )
      return { id, server }
    },
    /** A new chat with this model, and its reader. */
    begin: async (model: RawModel, words: string) => {
      const chatId = await ready().create(words, { more: { model_config_id: model.id } })
      return { chatId, reader: follow(ready(), chatId) }
    },
    send: (chatId: string, words: string, model?: RawModel) =>
      ready().send(chatId, words, model === undefined ? {} : { more: { model_config_id: model.id } }),
    /** Lets a command of the workspace end as soon as it has been started so often, all tests of the file counted. */
    endCommand: async (command: string, times: number) => {
      await engines.workspace.startedTimes(command, times)
      engines.workspace.end(command)
    },
  }
}
