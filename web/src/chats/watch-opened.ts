/**
 * The list of chats is read once the news of them are listened to: what is read then is the whole truth, and need not be read
 * again. It does not wait for ever: with no socket there is still a list.
 */

const PATIENCE_MS = 1_000

const makeWait = () => {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened, isOver: false, readEarly: false }
}

let wait = makeWait()

/**
 * The socket is open, or will not be for now.
 *
 * @returns whether a list was read before: what happened between it and the socket is in neither
 */
export const watchOpened = (): boolean => {
  const { readEarly } = wait
  wait.isOver = true
  wait.readEarly = false
  wait.open()
  return readEarly
}

/** For the next user: his socket is not open yet. */
export const watchClosed = (): void => {
  wait = makeWait()
}

export const whenWatching = (): Promise<void> => {
  const mine = wait
  if (mine.isOver) return mine.opened
  const patience = new Promise<void>((resolve) =>
    setTimeout(() => {
      mine.readEarly = !mine.isOver
      resolve()
    }, PATIENCE_MS),
  )
  return Promise.race([mine.opened, patience])
}
