import { expect, it } from "vitest"
import type { ModelSnapshot } from "../../models/catalog.ts"
import { liveModels } from "../../models/live.ts"
import { withLiveModels } from "./queue-models.ts"

const snapshot = (
  configs: Readonly<Record<string, { enabled?: boolean; is_default?: boolean; provider?: string }>>,
): ModelSnapshot => ({
  configs: Object.entries(configs).map(
    ([id, { enabled = true, is_default = false, provider = "on" }]) =>
      ({ id, enabled, is_default, ai_provider_id: provider }) as ModelSnapshot["configs"][number],
  ),
  providers: ["on", "off"].map((id) => ({ id, enabled: id === "on" }) as ModelSnapshot["providers"][number]),
})

it.each([
  ["a message keeps a model that can be called", ["own"], { own: {}, chats: {} }, ["own"]],
  ["one that is disabled gives way to the chat's", ["own"], { own: { enabled: false }, chats: {} }, [null]],
  ["so does one that is deleted", ["own"], { chats: {} }, [null]],
  ["and one whose provider is disabled", ["own"], { own: { provider: "off" }, chats: {} }, [null]],
  [
    "where the chat's is gone as well, the default is next",
    ["own", null, "other"],
    { chats: { enabled: false }, other: {}, standard: { is_default: true } },
    ["standard", "standard", "other"],
  ],
  ["with no model at all it waits for none", ["own"], { standard: { is_default: true, enabled: false } }, [null]],
])("%s", (_name, queued, configs, expected) => {
  const queue = queued.map((model_config_id) => ({ model_config_id }))
  expect(withLiveModels(queue, "chats", liveModels(snapshot(configs))).map((row) => row.model_config_id)).toEqual(
    expected,
  )
})
