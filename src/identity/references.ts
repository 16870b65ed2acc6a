const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Things are named in addresses by their id or by their name; no name looks like an id. */
export const isUuid = (reference: string): boolean => UUID.test(reference)
