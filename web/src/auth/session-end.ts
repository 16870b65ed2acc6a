/** Why the sign-in page is shown: a session that ended under the user is told of, one that he ended is not. */

let ended = false
let leaving = false

/** The user signs out: what the server refuses from now on is no news. */
export const leaveOnPurpose = (): void => {
  leaving = true
}

/** The server took the session no more. */
export const noteSessionEnd = (): void => {
  ended = !leaving
}

/** Somebody is signed in, or stayed so. */
export const sessionStarted = (): void => {
  ended = false
  leaving = false
}

export const sessionHasEnded = (): boolean => ended
