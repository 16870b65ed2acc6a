/**
 * What is kept in this browser: drafts and choices. Browsers may refuse it (private windows, a full disk); the app then works
 * as if nothing had been kept.
 */

export const readStored = (key: string): string | undefined => {
  try {
    return localStorage.getItem(key) ?? undefined
  } catch {
    return undefined
  }
}

/** Keeps a value; undefined forgets it. */
export const keepStored = (key: string, value: string | undefined): void => {
  try {
    if (value === undefined) localStorage.removeItem(key)
    else localStorage.setItem(key, value)
  } catch {
    // Not kept, which nobody can help here.
  }
}

/** Forgets every value whose key begins like this. */
export const forgetStored = (prefix: string): void => {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(prefix)) localStorage.removeItem(key)
  } catch {
    // There is nothing to forget, then.
  }
}
