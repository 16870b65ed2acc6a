/** Answers that endpoints of a kind have in common: declared here, once, and never with an endpoint. */

/** What of an endpoint decides which of them it may give. */
export interface EndpointTraits {
  /** It answers without a session. */
  readonly isPublic: boolean
  /** It asks for a permission before the request is read. */
  readonly isRestricted: boolean
  /** Every method but GET, so that it takes an Idempotency-Key. */
  readonly changes: boolean
  /** In its path or query. */
  readonly hasParameters: boolean
  readonly hasBody: boolean
}

interface CommonAnswer {
  readonly description: string
  readonly when: (endpoint: EndpointTraits) => boolean
}

/** By status. An endpoint that declares one of them itself has more to say about it, which wins. */
export const COMMON_ANSWERS: Readonly<Record<number, CommonAnswer>> = {
  400: {
    description: "Something in the request is wrong; `validations` names the fields.",
    when: ({ changes, hasParameters, hasBody }) => changes || hasParameters || hasBody,
  },
  401: { description: "Sign in first.", when: ({ isPublic }) => !isPublic },
  403: {
    description: "You may not do this, or the request came from a page of another site.",
    when: ({ isPublic, isRestricted, changes }) => isRestricted || (changes && !isPublic),
  },
  409: {
    description: "The Idempotency-Key was used before, and the answer cannot be given again.",
    when: ({ changes }) => changes,
  },
  413: { description: "The body is too large.", when: ({ hasBody }) => hasBody },
  415: { description: "The body is not JSON.", when: ({ hasBody }) => hasBody },
  500: { description: "Something went wrong inside the server.", when: () => true },
  503: {
    description: "Not possible just now. Try again after the seconds in the header Retry-After.",
    when: () => true,
  },
}
