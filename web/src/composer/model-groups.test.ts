import { expect, it } from "vitest"
import type { ModelConfig } from "../../../src/contract/models.ts"
import { groupsOf, matching, nameOf } from "./model-groups.ts"

const model = (name: string, provider: string | undefined, id = name): ModelConfig => ({
  id: name,
  ai_provider_id: "p",
  ...(provider === undefined ? {} : { ai_provider_name: provider }),
  provider: "openai-compat",
  model: id,
  display_name: name,
  enabled: true,
  is_default: false,
  context_limit: 1000,
  compression_threshold: 70,
  created_at: "2026-06-01T10:00:00Z",
  updated_at: "2026-06-01T10:00:00Z",
})
const models = [
  model("Tern 10", "Tern"),
  model("tern 9", "Tern"),
  model("Large", "acme", "acme/large-3"),
  model("", undefined, "bare"),
]

it("groups models by the provider's name, in the order in which people count", () => {
  expect(groupsOf(models).map(({ provider, models: found }) => [provider, found.map(nameOf)])).toEqual([
    ["acme", ["Large"]],
    ["openai-compat", ["bare"]],
    ["Tern", ["tern 9", "Tern 10"]],
  ])
})

it.each([
  ["", ["Tern 10", "tern 9", "Large", "bare"]],
  ["TERN 1", ["Tern 10"]],
  ["acme large", ["Large"]],
  ["large-3", ["Large"]],
  ["nothing", []],
])("finds %j by every word of it", (search, found) => {
  expect(matching(models, search).map(nameOf)).toEqual(found)
})
