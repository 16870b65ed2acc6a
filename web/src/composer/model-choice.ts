import { useQuery, useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import type { ModelConfig } from "../../../src/contract/models.ts"
import { modelConfigsQuery } from "../api/queries.ts"
import { keepStored, readStored } from "../ui/browser-storage.ts"

const KEY = "troupe.model"

export interface ModelChoice {
  /** Models that can be used; undefined while loading. */
  readonly models: ReadonlyArray<ModelConfig> | undefined
  readonly error: Error | null
  readonly chosen: ModelConfig | undefined
  readonly choose: (id: string) => void
  /** The list of models stands open: somebody looks, or one has to be chosen before anything is sent. */
  readonly asking: boolean
  readonly setAsking: (asking: boolean) => void
  /** What is chosen once the models are known, for a message that is sent before. */
  readonly whenKnown: () => Promise<ModelConfig | undefined>
}

const usable = (models: ReadonlyArray<ModelConfig>) => models.filter((model) => model.enabled)

/** The first of these ids that can be used, else the deployment's default, else the only one there is. None is taken for being first. */
export const pickModel = (
  models: ReadonlyArray<ModelConfig>,
  ids: ReadonlyArray<string | undefined>,
): ModelConfig | undefined => {
  for (const id of ids) {
    const model = models.find((candidate) => candidate.id === id)
    if (model !== undefined) return model
  }
  return models.find((model) => model.is_default) ?? (models.length === 1 ? models[0] : undefined)
}

/** A model that was chosen here, when the chat's last one was `instead`. */
export interface Choice {
  readonly id: string
  readonly instead: string | undefined
}

/** A choice holds until the chat has another model: it was sent with, or somebody else sent with another. */
export const standing = (choice: Choice | undefined, lastOfChat: string | undefined): string | undefined =>
  choice?.instead === lastOfChat ? choice?.id : undefined

/**
 * The model to send with: what was chosen here, else the chat's last one, else the last one used in this browser, else the
 * default.
 */
export const useModelChoice = (lastOfChat?: string): ModelChoice => {
  const queryClient = useQueryClient()
  const { data, error } = useQuery(modelConfigsQuery)
  const [choice, setChoice] = useState<Choice>()
  const [asking, setAsking] = useState(false)
  const here = standing(choice, lastOfChat)
  const pick = (all: ReadonlyArray<ModelConfig>) => pickModel(usable(all), [here, lastOfChat, readStored(KEY)])
  return {
    models: data && usable(data),
    error,
    chosen: data && pick(data),
    asking,
    setAsking,
    choose: (id) => {
      setChoice({ id, instead: lastOfChat })
      keepStored(KEY, id)
    },
    // There may be one by now: nothing is refused for what was true a while ago.
    whenKnown: async () =>
      pick(await queryClient.ensureQueryData(modelConfigsQuery)) ??
      pick(await queryClient.fetchQuery({ ...modelConfigsQuery, staleTime: 0 })),
  }
}

/** The scripted model that is built in, which answers to commands. */
export const isSimulator = (model: ModelConfig | undefined): boolean => model?.model.startsWith("simulator") ?? false
