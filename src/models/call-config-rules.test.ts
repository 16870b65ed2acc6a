import { expect, it } from "vitest"
import { callConfigFault } from "./call-config-rules.ts"

it.each([
  [{}, undefined],
  [{ provider_options: { openai: { store: true }, anthropic: { allowed_domains: ["a"] } } }, undefined],
  [{ provider_options: { google: { thinking_config: { thinking_level: "low", include_thoughts: true } } } }, undefined],
  [{ reasoning_effort: { default: "low", max: "high" } }, undefined],
  [{ reasoning_effort: { default: "high", max: "low" } }, "model_config.reasoning_effort.default"],
  [
    { provider_options: { anthropic: { allowed_domains: ["a"], blocked_domains: ["b"] } } },
    "model_config.provider_options.anthropic.blocked_domains",
  ],
  [
    { provider_options: { google: { thinking_config: { thinking_level: "low", thinking_budget: 0 } } } },
    "model_config.provider_options.google.thinking_config.thinking_level",
  ],
] as const)("%j: %s", (config, field) => {
  expect(callConfigFault(config)?.field).toBe(field)
})
