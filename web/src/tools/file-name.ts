/** The last part of a path, for a line with little room. */
export const fileName = (path: string | undefined): string =>
  path === undefined ? "a file" : (path.split("/").findLast((part) => part !== "") ?? path)
