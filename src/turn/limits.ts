/** Model calls in one turn at most. */
export const MAX_STEPS = 1200

/** Attempts at a model call that ends well but with nothing in it. */
export const MAX_EMPTY_ATTEMPTS = 3

/** A provider that wants a longer wait is not waited for: the turn ends and says when to try again. */
export const MAX_RETRY_AFTER_MS = 600_000
