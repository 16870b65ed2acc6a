import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import type { ModelConfig } from "../../../src/contract/models.ts"
import { modelConfigsQuery } from "../api/queries.ts"

const KEY = "troupe.model"

export interface ModelChoice {
  /** Models that can be used; undefined while loading. */
  readonly models: ReadonlyArray<ModelConfig> | undefined
  readonly error: Error | null
  readonly chosen: ModelConfig | undefined
  readonly choose: (id: string) => void
}

/**
 * The model to send with: what was chosen here, else the chat's last one, else the last one used in this browser, else the
 * deployment's default, else the first.
 */
export const useModelChoice = (lastOfChat?: string): ModelChoice => {
  const { data, error } = useQuery(modelConfigsQuery)
  const [here, setHere] = useState<string>()
  const models = data?.filter((model) => model.enabled)
  const byId = (id: string | null | undefined) => models?.find((model) => model.id === id)
  const chosen =
    byId(here) ??
    byId(lastOfChat) ??
    byId(localStorage.getItem(KEY)) ??
    models?.find((model) => model.is_default) ??
    models?.[0]
  const choose = (id: string) => {
    setHere(id)
    localStorage.setItem(KEY, id)
  }
  return { models, error, chosen, choose }
}

/** The scripted model that is built in, which answers to commands. */
export const isSimulator = (model: ModelConfig | undefined): boolean => model?.model.startsWith("simulator") ?? false
