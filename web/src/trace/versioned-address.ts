/** A path of the page, with `@41` or with a route's own part for it. */
const withPath = (url: URL, path: string): URL => {
  const next = new URL(url)
  next.pathname = path
  return next
}

/** `/agents/ID@41` is the page of Trace at version 41: the id of a chat holds no `@`, and links stay short. */
export const versionedAddress = {
  input: ({ url }: { readonly url: URL }): URL | undefined => {
    const [, chat, version] = /^\/agents\/([^/@]+)@([^/]*)$/.exec(url.pathname) ?? []
    return chat === undefined ? undefined : withPath(url, `/agents/${chat}/trace/${version || "@"}`)
  },
  output: ({ url }: { readonly url: URL }): URL | undefined => {
    const [, chat, version] = /^\/agents\/([^/@]+)\/trace\/([^/]+)$/.exec(url.pathname) ?? []
    return chat === undefined ? undefined : withPath(url, `/agents/${chat}@${version === "@" ? "" : version}`)
  },
}
