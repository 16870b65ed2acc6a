import type { Logger } from "pino"

/**
 * The last net under the running server. What reaches it was thrown in a callback that guards itself against nothing (a timer, a
 * socket's event, a promise nobody waits for), which is a bug, and for which Node ends the process: one request would cost all
 * chats their turns.
 *
 * The process goes on instead. That is sound here because nothing true is only in memory: a chat's state is its rows, written
 * in one statement each, and an effect, a socket or an actor that was left half done is found by its time limit or by the sweep
 * as if it had died. See `docs/adr/0015-a-stray-throw-does-not-end-the-server.md`.
 */
export const surviveStrayThrows = (logger: Logger): void => {
  process.on("uncaughtException", (cause, origin) => {
    logger.fatal({ cause, origin }, "something was thrown where nothing catches it: a bug; the server goes on")
  })
}
