import { Match } from "effect"
import type { CommandRefused } from "../actors/chat/commands/refusals.ts"
import type { StateRefused } from "../chats/command-runner.ts"
import type { IdentityError } from "../identity/errors.ts"
import type { ModelAdminError } from "../models/admin-errors.ts"
import type { ModelNotUsable } from "../models/catalog.ts"
import type { Answer } from "./answers/answer.ts"
import { chatAnswers, type ChatFailure, type REFUSAL_STATUS } from "./answers/chats.ts"
import { httpAnswers } from "./answers/http.ts"
import { identityAnswers } from "./answers/identity.ts"
import { modelAnswers } from "./answers/models.ts"
import type { HttpError } from "./errors.ts"

/** All that a handler may fail with, and what is answered then. An area whose errors reach a handler adds its table here. */

export type HttpFailure = HttpError | IdentityError | ModelAdminError | ModelNotUsable | ChatFailure

const answers = { ...httpAnswers, ...identityAnswers, ...modelAnswers, ...chatAnswers }
type Answers = typeof answers

/** The one mapping from typed errors to status and body. */
export const answerOf: (failure: HttpFailure) => Answer = Match.type<HttpFailure>().pipe(Match.tagsExhaustive(answers))

type Reason = CommandRefused["reason"]

/** Beside each failure a refusal that is not for want of room, since the reason of a refusal decides its status. */
type EachFailure = HttpFailure | StateRefused

/** The status of a failure, or the statuses, as the tables say it. */
type StatusOf<Failure extends EachFailure> = Failure extends { readonly reason: infer R extends Reason }
  ? `${(typeof REFUSAL_STATUS)[R]}`
  : `${ReturnType<Answers[Failure["_tag"]]>["status"]}`

type WithStatus<Failure extends EachFailure, Status extends string> = Failure extends EachFailure
  ? [StatusOf<Failure>] extends [Status]
    ? Failure
    : never
  : never

/** The failures that are answered with one of these statuses. */
export type FailureWith<Status extends string> = WithStatus<EachFailure, Status>
