import { afterAll, beforeAll, beforeEach, expect, it } from "vitest"
import { useReaders } from "../../support/chat-view.ts"
import { type Engine, useEngines } from "../../support/engine.ts"
import { caseFile, RawProvider } from "../../support/raw-provider.ts"

/** A body that ends: as whole answer or as a cut, by what came before. */

const engines = useEngines({ TROUPE_RETRY_CAP_MS: "20" })
const follow = useReaders()
let engine: Engine
let provider: RawProvider
let model: string

beforeAll(async () => {
  engine = await engines.start()
  provider = await RawProvider.start()
  model = await engines.addModel({
    provider: "openai-compat",
    display_name: "Raw",
    base_url: `${provider.url}/v1`,
    api_key: "k",
  })
})
afterAll(() => provider.close())
beforeEach(() => provider.reset())

it("is whole when the server said [DONE], though it gave no finish reason", async () => {
  provider.answer(caseFile("03-done-without-finish/text.sse"))
  const chatId = await engine.create("go", { more: { model_config_id: model } })
  const view = await follow(engine, chatId).activity("waiting")
  expect(view.lines).toHaveLength(2)
  expect(provider.requests).toHaveLength(1)
})
