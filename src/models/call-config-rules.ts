import { ReasoningEffort, type RequestedCallConfig } from "../contract/models.ts"

/** What of a call config excludes each other, which a schema of its fields cannot say. */

export interface Fault {
  readonly field: string
  readonly message: string
}

const fault = (field: string, message: string): Fault => ({ field: `model_config.${field}`, message })

/** The rules of a call config that a schema cannot say; undefined when it keeps them. */
export const callConfigFault = ({
  provider_options: options,
  reasoning_effort: effort,
}: RequestedCallConfig): Fault | undefined => {
  const scale = ReasoningEffort.literals
  if (effort !== undefined && scale.indexOf(effort.default) > scale.indexOf(effort.max)) {
    return fault("reasoning_effort.default", "The default reasoning effort is above its maximum.")
  }
  const { allowed_domains, blocked_domains } = options?.anthropic ?? {}
  if (allowed_domains !== undefined && blocked_domains !== undefined) {
    return fault("provider_options.anthropic.blocked_domains", "Give allowed domains or blocked domains, not both.")
  }
  const { thinking_budget, thinking_level } = options?.google?.thinking_config ?? {}
  if (thinking_budget !== undefined && thinking_level !== undefined) {
    return fault(
      "provider_options.google.thinking_config.thinking_level",
      "Give a budget for thinking or its level, not both.",
    )
  }
  return undefined
}
