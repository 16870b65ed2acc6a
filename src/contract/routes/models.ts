import { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import { Schema } from "effect"
import { Conflict, PreconditionFailed } from "../errors.ts"
import { AvailableModels, CreateModelConfigRequest, CreateProviderRequest, ModelConfig, Provider } from "../models.ts"
import { Requires, TokenScope } from "./access.ts"

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
  .add(HttpApiEndpoint.get("listModels", "/chats/models").addSuccess(AvailableModels))
  .add(HttpApiEndpoint.get("listModelConfigs", "/chats/model-configs").addSuccess(Schema.Array(ModelConfig)))
  .add(
    HttpApiEndpoint.post("createModelConfig", "/chats/model-configs")
      .setPayload(CreateModelConfigRequest)
      .addSuccess(ModelConfig, { status: 201 })
      .addError(PreconditionFailed)
      .annotate(Requires, "deployment_config:update"),
  )
