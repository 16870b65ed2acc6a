import type { ModelAdminError } from "../../models/admin-errors.ts"
import type { ModelNotUsable } from "../../models/catalog.ts"
import { answer, type AnswersTo, fieldAnswer } from "./answer.ts"

export const modelAnswers = {
  ModelFieldInvalid: ({ field, message }) => fieldAnswer(400, field, message),
  ProviderNameTaken: ({ displayName }) =>
    fieldAnswer(409, "display_name", `There is a provider of this type named "${displayName}" already.`),
  ProviderDisabled: ({ displayName }) =>
    answer(412, `The provider "${displayName}" is disabled. Enable it first, or choose another.`),
  ProviderNotFound: () => answer(404, "There is no provider with this id."),
  ProviderUnknown: () => fieldAnswer(412, "ai_provider_id", "There is no provider with this id."),
  ModelNotUsable: ({ message }) => fieldAnswer(400, "model_config_id", message),
} satisfies AnswersTo<ModelAdminError | ModelNotUsable>
