/** The token that proves that whoever makes the first account saw what the server printed: `http://.../#setup=TOKEN`. */

/** The token in a URL or a fragment; any other text is taken for the token itself, as it may have been pasted. */
export const setupTokenIn = (text: string): string => /#setup=([^&\s]*)/.exec(text)?.[1] ?? text.trim()

let arrived = ""

/**
 * Takes the token out of the address bar, so that it is not bookmarked or shown to others. To be called before the router
 * reads the address.
 */
export const takeSetupToken = (): void => {
  const { hash, pathname, search } = window.location
  if (!hash.startsWith("#setup=")) return
  arrived = setupTokenIn(hash)
  window.history.replaceState(window.history.state, "", pathname + search)
}

/** The token that this page was opened with; empty when there was none. */
export const arrivedSetupToken = (): string => arrived
