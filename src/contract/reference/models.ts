import type { ModelsRoutes } from "../routes/models.ts"
import { PLACEHOLDERS, type Reference } from "./reference.ts"

export const modelsReference: Reference<typeof ModelsRoutes> = {
  title: "Providers and models",
  about: "What a chat can call: providers with their keys, and models with their limits and prices.",
  endpoints: {
    listProviders: {
      summary: "List providers",
      description:
        "Those that are set up, and each kind that could be, with `source` `supported`. Of a key it is only said whether there is one.",
      permission: "deployment_config:read",
      refusals: {},
      example: {},
    },
    createProvider: {
      summary: "Add a provider",
      description:
        "A service with models, reached over one wire protocol. The key is kept encrypted and never given back. Several of one kind may be set up, with names of their own.",
      permission: "deployment_config:update",
      refusals: { 409: "There is a provider of this kind with this name already; case does not count." },
      secrets: ["api_key"],
      fields: {
        provider: "Which service it is, and with it which protocol it speaks.",
        display_name: "What people call it. Left out, the name of its kind.",
        api_key: "Its key, at most 10,240 bytes.",
        base_url: "Where it is reached, where that is not the usual address: http or https.",
        enabled: "Whether chats may call it. Left out, they may.",
        central_api_key_enabled: "Whether the key here is used for everybody. Left out, it is.",
        allow_user_api_key: "Whether users may bring keys of their own.",
        allow_central_api_key_fallback: "Whether the key here is used for those who bring none.",
      },
      example: {
        payload: {
          provider: "openai-compat",
          display_name: "Models in the cellar",
          base_url: "http://127.0.0.1:11434/v1",
          api_key: "the key of the provider",
        },
      },
    },
    updateProvider: {
      summary: "Change a provider",
      description:
        "What is left out stays as it is; chats call it as it is from their next call on. A base URL on another server (scheme, host or port) wants the key again in the same call.",
      permission: "deployment_config:update",
      refusals: {
        404: "There is no provider with this id, or there is none any more.",
        409: "Another provider of this kind has this name already; case does not count.",
      },
      secrets: ["api_key"],
      fields: {
        display_name: "What people call it.",
        api_key: "Its key, at most 10,240 bytes. The empty text takes the stored one away.",
        base_url: "Where it is reached: http or https. The empty text stands for the usual address.",
        enabled: "Whether chats may call it.",
        central_api_key_enabled: "Whether the key here is used for everybody.",
        allow_user_api_key: "Whether users may bring keys of their own.",
        allow_central_api_key_fallback: "Whether the key here is used for those who bring none.",
      },
      example: {
        path: { provider: PLACEHOLDERS.provider.value },
        payload: { display_name: "Models in the cellar, new" },
      },
    },
    deleteProvider: {
      summary: "Delete a provider",
      description:
        "Its models go with it, and where one of them was the default another becomes it: the first by kind of provider and name that can be called. What was said with them stays. Chats on such a model go on with the default.",
      permission: "deployment_config:update",
      refusals: { 404: "There is no provider with this id, or there is none any more." },
      example: { path: { provider: PLACEHOLDERS.provider.value } },
    },
    listModels: {
      summary: "List the models that chats can call, by provider",
      description: "Says of each provider whether it can be called now, and why not where it cannot.",
      permission: "session",
      refusals: {},
      example: {},
    },
    listModelConfigs: {
      summary: "List model configs",
      description:
        "Models with their limits, options and prices. Whoever administers the deployment sees those that are disabled, too.",
      permission: "session",
      refusals: {},
      example: {},
    },
    createModelConfig: {
      summary: "Add a model of a provider",
      description:
        "What a chat calls: a model by its name at the provider, with how much it can read and how it is called. With `is_default` it is the model of chats that name none.",
      permission: "deployment_config:update",
      refusals: { 412: "The provider is disabled, or there is none with this id." },
      fields: {
        provider: "Kind of the provider. Enough where one provider of the kind is set up.",
        ai_provider_id: "Id of the provider.",
        model: "Its name at the provider.",
        display_name: "What people call it. Left out, the name at the provider.",
        enabled: "Whether chats may use it. Left out, they may.",
        is_default: "Whether chats that name no model use it.",
        context_limit: "Tokens that it reads at most, up to 100,000,000.",
        compression_threshold:
          "Percent of the context limit, from 0 to 100. Kept and given back; nothing reads it yet.",
        model_config: "How it is called: output limit, temperature, effort, prices, options of the provider.",
      },
      example: {
        payload: {
          ai_provider_id: PLACEHOLDERS.provider.value,
          model: "small-model",
          display_name: "Small model",
          context_limit: 128_000,
          model_config: { max_output_tokens: 8192, temperature: 0.2 },
        },
      },
    },
  },
}
