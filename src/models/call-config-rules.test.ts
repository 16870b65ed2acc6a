import { expect, it } from "vitest"
import { callConfigFault } from "./call-config-rules.ts"

it.each([
  [{}, undefined],
  [{ provider_options: { openai: { store: true }, anthropic: { thinking_display: "omitted" } } }, undefined],
  [{ reasoning_effort: { default: "low", max: "high" } }, undefined],
  [{ reasoning_effort: { default: "high", max: "low" } }, "model_config.reasoning_effort.default"],
  [{ provider_options: { mistral: {} } }, "model_config.provider_options.mistral"],
  [{ provider_options: { openai: { stor: true } } }, "model_config.provider_options.openai.stor"],
  [
    { provider_options: { anthropic: { thinking_display: "loud" } } },
    "model_config.provider_options.anthropic.thinking_display",
  ],
  [
    { provider_options: { anthropic: { allowed_domains: ["a"], blocked_domains: ["b"] } } },
    "model_config.provider_options.anthropic.blocked_domains",
  ],
] as const)("%j: %s", (config, field) => {
  expect(callConfigFault(config)?.field).toBe(field)
})
