/** Somewhere to resolve addresses against; which place it is does not matter. */
const HERE = "http://here.invalid"

/**
 * Where a sign-in leads to, out of the address of its page: a path of this app, written the usual way. Undefined for all that a browser
 * would read as another place: it takes backslashes for slashes, leaves out tabs and line ends, and goes up by dots.
 */
export const returnPathIn = (value: unknown): string | undefined => {
  if (typeof value !== "string" || !value.startsWith("/") || !URL.canParse(value, HERE)) return undefined
  const { origin, pathname, search, hash } = new URL(value, HERE)
  if (origin !== HERE || pathname.startsWith("//")) return undefined
  return pathname + search + hash
}
