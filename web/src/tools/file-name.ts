/** The last part of a path, for a line with little room. */
export const fileName = (path: string | undefined): string =>
  path === undefined ? "a file" : (path.split("/").findLast((part) => part !== "") ?? path)

const languages: Readonly<Record<string, string>> = {
  cc: "cpp",
  cjs: "js",
  cts: "ts",
  h: "c",
  hpp: "cpp",
  htm: "html",
  mjs: "js",
  mts: "ts",
}

/** The language of a file by its name, as people and code blocks call it; undefined where the name does not tell. */
export const languageOf = (path: string | undefined): string | undefined => {
  const name = fileName(path).toLowerCase()
  if (name === "dockerfile") return name
  const dot = name.lastIndexOf(".")
  if (dot < 1) return undefined
  const ending = name.slice(dot + 1)
  return languages[ending] ?? ending
}
