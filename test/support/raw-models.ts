import { Effect } from "effect"
import { afterAll, afterEach, beforeAll } from "vitest"
import { ModelCatalog } from "../../src/models/catalog.ts"
import type { ProviderType } from "../../src/contract/models.ts"
import { type TestReader, useReaders } from "./chat-view.ts"
import { type Engine, useEngines } from "./engine.ts"
import { RawProvider } from "./raw-provider.ts"

/** A raw server and a model there. Each has a base URL of its own, so that tests tell their requests apart. */
export interface RawModel {
  readonly id: string
  readonly server: RawProvider
}

export interface RawChat {
  readonly chatId: string
  readonly reader: TestReader
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

  const send = (chatId: string, words: string, model?: RawModel) =>
    ready().send(chatId, words, model === undefined ? {} : { more: { model_config_id: model.id } })

  /** The view when the chat has come to rest after this. */
  const settled = async ({ reader }: RawChat, act: () => Promise<unknown>) => {
    const before = reader.view.events.length
    await act()
    return reader.until(({ error, events }) => {
      const rests = events.slice(before).flatMap((event) => (event.type === "status" ? [event.status.status] : []))
      return rests.includes("waiting") || (rests.includes("error") && error !== undefined)
    })
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
      // The engine learns of other replicas' changes in a while, of its own at once.
      await ready().run(Effect.flatMap(ModelCatalog, ({ invalidate }) => invalidate))
      return { id, server }
    },
    /** A new chat with this model, and its reader. */
    begin: async (model: RawModel, words: string) => {
      const chatId = await ready().create(words, { more: { model_config_id: model.id } })
      return { chatId, reader: follow(ready(), chatId) }
    },
    send,
    /** Sends a message and waits until its turn has come to its end, whichever it is. */
    turn: (chat: RawChat, words: string, model?: RawModel) => settled(chat, () => send(chat.chatId, words, model)),
    /** Compacts, and waits for the end of it. */
    compact: (chat: RawChat) => settled(chat, () => ready().compact(chat.chatId)),
    /** Asked before a command is started: waits until it has been, and lets it end. */
    nextCommand: (command: string) => {
      const { workspace } = engines
      const times = workspace.started.filter((start) => start.command === command).length + 1
      const begun = () => workspace.startedTimes(command, times)
      const end = async () => {
        await begun()
        workspace.end(command)
      }
      return { begun, end }
    },
  }
}
