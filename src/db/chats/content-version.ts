import { Data, Effect } from "effect"
import type { MessageId } from "../../contract/ids.ts"

/** The form of the parts in `chat_messages.content` that this server writes, and the only one that it reads. */
export const CONTENT_VERSION = 1

/** A message is in a form that another version of the server has written. Read as if it were ours, it would be read wrongly. */
export class UnknownContentVersion extends Data.TaggedError("UnknownContentVersion")<{
  readonly messageId: MessageId
  readonly version: number
}> {
  override get message(): string {
    return `Message ${this.messageId} is stored in form ${this.version}, which this server does not know: it reads form ${CONTENT_VERSION}. Run the version of the server that wrote it, or a newer one.`
  }
}

/** The rows, when all of them are in the form that is known. */
export const readable = <Row extends { readonly id: number; readonly content_version: number }>(
  rows: ReadonlyArray<Row>,
): Effect.Effect<ReadonlyArray<Row>, UnknownContentVersion> => {
  const unknown = rows.find(({ content_version }) => content_version !== CONTENT_VERSION)
  return unknown === undefined
    ? Effect.succeed(rows)
    : new UnknownContentVersion({ messageId: unknown.id, version: unknown.content_version })
}
