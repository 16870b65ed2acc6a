/**
 * The list of chats is read once the news of them are listened to: what is read then is the whole truth, and need not be read
 * again. It does not wait for ever: with no socket there is still a list.
 */

const PATIENCE_MS = 1_000

let opened: () => void = () => undefined
let watching = new Promise<void>((resolve) => {
  opened = resolve
})

/** The socket is open, or will not be for now. */
export const watchOpened = (): void => opened()

/** For the next user: his socket is not open yet. */
export const watchClosed = (): void => {
  watching = new Promise((resolve) => {
    opened = resolve
  })
}

export const whenWatching = (): Promise<void> =>
  Promise.race([watching, new Promise<void>((resolve) => setTimeout(resolve, PATIENCE_MS))])
