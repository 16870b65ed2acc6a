import type { ModelConfig } from "../../../src/contract/models.ts"

/** Models as people look for them: by the name of whoever serves them, and by a piece of their own. */

export interface ModelGroup {
  readonly provider: string
  readonly models: ReadonlyArray<ModelConfig>
}

export const nameOf = ({ display_name, model }: ModelConfig): string => display_name || model

/** A server of another version does not tell the name; the type stands for it then. */
const providerOf = ({ ai_provider_name, provider }: ModelConfig): string => ai_provider_name || provider

const inOrder = (a: string, b: string) => a.localeCompare(b, undefined, { numeric: true, sensitivity: "base" })

/** By provider and then by name. Two providers of one name are one group: nobody could tell them apart. */
export const groupsOf = (models: ReadonlyArray<ModelConfig>): ReadonlyArray<ModelGroup> => {
  const groups = new Map<string, Array<ModelConfig>>()
  for (const model of models) {
    const provider = providerOf(model)
    const group = groups.get(provider)
    if (group === undefined) groups.set(provider, [model])
    else group.push(model)
  }
  return [...groups]
    .toSorted(([a], [b]) => inOrder(a, b))
    .map(([provider, found]) => ({ provider, models: found.toSorted((a, b) => inOrder(nameOf(a), nameOf(b))) }))
}

/** Models of which every word of the search is somewhere: in the name, the name there, or the provider's. */
export const matching = (models: ReadonlyArray<ModelConfig>, search: string): ReadonlyArray<ModelConfig> => {
  const words = search.toLocaleLowerCase().split(/\s+/).filter(Boolean)
  return models.filter((model) => {
    const text = [nameOf(model), model.model, providerOf(model)].join(" ").toLocaleLowerCase()
    return words.every((word) => text.includes(word))
  })
}
