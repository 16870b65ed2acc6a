import { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import type { Effect } from "effect"
import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import type { ChatUnavailable, InvalidInput } from "../actors/chat/commands/refusals.ts"
import { CommandRefused, ChatForbidden, ChatHidden } from "../actors/chat/commands/refusals.ts"
import type { StateRefused } from "../chats/command-runner.ts"
import { Conflict, Forbidden, NotFound, TooMany } from "../contract/errors.ts"
import { FamilyActive } from "../chats/settings.ts"
import { CredentialsWrong } from "../identity/errors.ts"
import type { PreconditionFailedError } from "./errors.ts"
import { answerOf, type HttpFailure } from "./failures.ts"
import type { GroupHandlers } from "./mount.ts"

/** What a handler may fail with is held by the compiler: each line here that says `false` is one that does not compile. */

const Path = Schema.Struct({ chat: Schema.String })
const Probe = HttpApiGroup.make("probe")
  .add(HttpApiEndpoint.get("bare", "/bare").addSuccess(Schema.Void))
  .add(HttpApiEndpoint.get("read", "/read/:chat").setPath(Path).addSuccess(Schema.Void).addError(NotFound))
  .add(
    HttpApiEndpoint.post("command", "/command/:chat")
      .setPath(Path)
      .addSuccess(Schema.Void)
      .addError(Forbidden)
      .addError(Conflict),
  )
  .add(
    HttpApiEndpoint.post("send", "/send")
      .setPayload(Schema.Struct({ text: Schema.String }))
      .addSuccess(Schema.Void)
      .addError(Conflict)
      .addError(TooMany),
  )

type Probes = GroupHandlers<typeof Probe, never>
/** True when the compiler takes a handler of this endpoint that fails so. */
type MayFail<Name extends keyof Probes, Failure> = (() => Effect.Effect<void, Failure>) extends Probes[Name]
  ? true
  : false
/** The same for one that answers without a session. */
type MayFailInPublic<Name extends keyof Probes, Failure> = {
  readonly anonymous: () => Effect.Effect<void, Failure>
} extends Probes[Name]
  ? true
  : false

describe("a handler that can fail with a status that its endpoint does not declare", () => {
  it("does not compile", () => {
    const hidden: MayFail<"bare", ChatHidden> = false
    const forbidden: MayFail<"read", ChatForbidden> = false
    const conflict: MayFail<"read", FamilyActive> = false
    const oneOfTwo: MayFail<"command", ChatForbidden | ChatHidden> = false
    const precondition: MayFail<"send", PreconditionFailedError> = false
    expect([hidden, forbidden, conflict, oneOfTwo, precondition]).not.toContain(true)
  })

  it("compiles once the endpoint declares it", () => {
    const hidden: MayFail<"read", ChatHidden> = true
    const forbidden: MayFail<"command", ChatForbidden | FamilyActive> = true
    const nothing: MayFail<"bare", never> = true
    expect([hidden, forbidden, nothing]).not.toContain(false)
  })

  it("is told by the reason of a refusal, where that decides the status", () => {
    const full: MayFail<"command", CommandRefused> = false
    const ofState: MayFail<"command", StateRefused> = true
    const sent: MayFail<"send", CommandRefused> = true
    expect([full, ofState, sent]).toEqual([false, true, true])
  })

  it("needs no word about what every endpoint of its kind may answer", () => {
    const away: MayFail<"bare", ChatUnavailable> = true
    const signedOut: MayFail<"bare", CredentialsWrong> = true
    const nobodyToSignOut: MayFailInPublic<"bare", CredentialsWrong> = false
    const nothingToBeWrong: MayFail<"bare", InvalidInput> = false
    const wrongPath: MayFail<"command", InvalidInput> = true
    const wrongBody: MayFail<"send", InvalidInput> = true
    expect([away, signedOut, wrongPath, wrongBody, nobodyToSignOut, nothingToBeWrong]).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
    ])
  })
})

describe("the tables of answers", () => {
  const refused = (reason: CommandRefused["reason"]) =>
    new CommandRefused({ chatId: "", event: "SendMessage", activity: "waiting", reason, message: "No." })

  it("answer with the status that they say to the compiler", () => {
    const failures: ReadonlyArray<readonly [HttpFailure, number]> = [
      [new ChatHidden({ chatId: "" }), 404],
      [new ChatForbidden({ message: "No." }), 403],
      [new FamilyActive({ chatId: "" }), 409],
      [new CredentialsWrong({ operation: "" }), 401],
      [refused("archived"), 400],
      [refused("not_allowed"), 409],
      [refused("queue_full"), 429],
    ]
    expect(failures.map(([failure]) => answerOf(failure).status)).toEqual(failures.map(([, status]) => status))
    expect(answerOf(refused("queue_full")).body.detail).toContain("20")
  })
})
