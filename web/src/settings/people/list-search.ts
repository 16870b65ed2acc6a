/** What the addresses of lists say, beside their path. What makes no sense is left out. */

export interface ListSearch {
  readonly q?: string
  /** From 1. */
  readonly page?: number
}

export const readListSearch = ({ q, page }: Record<string, unknown>): ListSearch => ({
  ...(typeof q === "string" && q !== "" && { q }),
  ...(typeof page === "number" && Number.isInteger(page) && page > 1 && { page }),
})

export interface OrganizationSearch {
  /** An id; the default one where none is given. */
  readonly organization?: string
}

export const readOrganizationSearch = ({ organization }: Record<string, unknown>): OrganizationSearch =>
  typeof organization === "string" && organization !== "" ? { organization } : {}
