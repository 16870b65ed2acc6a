/** Going through what was asked before, from an empty composer. The list is the one of the moment it began. */
export interface PromptCycle {
  /** Newest first. */
  readonly prompts: ReadonlyArray<string>
  readonly index: number
}

/** The cycle one prompt older; it stays at the oldest. */
export const older = (cycle: PromptCycle): PromptCycle => ({
  ...cycle,
  index: Math.min(cycle.index + 1, cycle.prompts.length - 1),
})

/** The cycle one prompt newer; undefined past the newest, where the composer is empty again. */
export const newer = (cycle: PromptCycle): PromptCycle | undefined =>
  cycle.index === 0 ? undefined : { ...cycle, index: cycle.index - 1 }

/** At the newest prompt; undefined when there is none. */
export const startCycle = (prompts: ReadonlyArray<string>): PromptCycle | undefined =>
  prompts.length === 0 ? undefined : { prompts, index: 0 }

export const promptOf = (cycle: PromptCycle): string => cycle.prompts[cycle.index] ?? ""
