import { expect, it } from "vitest"
import type { ModelConfig } from "../../../src/contract/models.ts"
import { pickModel, standing } from "./model-choice.ts"

const model = (id: string, is_default = false): ModelConfig => ({
  id,
  ai_provider_id: "p",
  provider: "openai-compat",
  model: id,
  display_name: id,
  enabled: true,
  is_default,
  context_limit: 1000,
  compression_threshold: 70,
  created_at: "2026-06-01T10:00:00Z",
  updated_at: "2026-06-01T10:00:00Z",
})
const models = [model("a"), model("b"), model("c", true)]

it.each([
  ["the first id that there is", ["gone", undefined, "b", "a"], "b"],
  ["the default when no id is left", ["gone"], "c"],
])("picks %s", (_, ids, picked) => {
  expect(pickModel(models, ids)?.id).toBe(picked)
})

it("picks none where nobody has chosen and there is no default, but the only one there is", () => {
  expect(pickModel([model("a"), model("b")], [])).toBeUndefined()
  expect(pickModel([model("a")], [])?.id).toBe("a")
  expect(pickModel([], ["a"])).toBeUndefined()
})

it("a choice holds until the chat has another model", () => {
  const choice = { id: "b", instead: "a" }
  expect(standing(choice, "a")).toBe("b")
  expect(standing(choice, "c")).toBeUndefined()
  expect(standing({ id: "b", instead: undefined }, undefined)).toBe("b")
  expect(standing(undefined, "a")).toBeUndefined()
})
