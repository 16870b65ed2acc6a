import { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import { Schema } from "effect"
import { Conflict, NotFound, PreconditionFailed } from "../errors.ts"
import { ProviderId } from "../ids.ts"
import {
  AvailableModels,
  CreateModelConfigRequest,
  CreateProviderRequest,
  ModelConfig,
  Provider,
  UpdateProviderRequest,
} from "../models.ts"
import { Requires, TokenScope } from "./access.ts"

const ProviderPath = Schema.Struct({ provider: ProviderId })

export const ModelsRoutes = HttpApiGroup.make("models")
  .annotate(TokenScope, "any")
  .add(
    HttpApiEndpoint.get("listProviders", "/chats/providers")
      .addSuccess(Schema.Array(Provider))
      .annotate(Requires, "deployment_config:read"),
  )
  .add(
    HttpApiEndpoint.post("createProvider", "/chats/providers")
      .setPayload(CreateProviderRequest)
      .addSuccess(Provider, { status: 201 })
      .addError(Conflict)
      .annotate(Requires, "deployment_config:update"),
  )
  .add(
    HttpApiEndpoint.patch("updateProvider", "/chats/providers/:provider")
      .setPath(ProviderPath)
      .setPayload(UpdateProviderRequest)
      .addSuccess(Provider)
      .addError(NotFound)
      .addError(Conflict)
      .annotate(Requires, "deployment_config:update"),
  )
  .add(
    HttpApiEndpoint.del("deleteProvider", "/chats/providers/:provider")
      .setPath(ProviderPath)
      .addSuccess(Schema.Void)
      .addError(NotFound)
      .annotate(Requires, "deployment_config:update"),
  )
  .add(HttpApiEndpoint.get("listModels", "/chats/models").addSuccess(AvailableModels))
  .add(HttpApiEndpoint.get("listModelConfigs", "/chats/model-configs").addSuccess(Schema.Array(ModelConfig)))
  .add(
    HttpApiEndpoint.post("createModelConfig", "/chats/model-configs")
      .setPayload(CreateModelConfigRequest)
      .addSuccess(ModelConfig, { status: 201 })
      .addError(PreconditionFailed)
      .annotate(Requires, "deployment_config:update"),
  )
