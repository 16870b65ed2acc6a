import type { RefusalCode } from "./protocol.ts"

/** An answer other than success. `code` lets a program tell refusals of one status apart. */
export class Refusal extends Error {
  override readonly name = "Refusal"
  readonly status: number
  readonly code: RefusalCode | undefined

  constructor(status: number, message: string, code?: RefusalCode) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** The `code` of an error of the operating system, such as `ENOENT`. */
export const systemCode = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined

/** Turns a failed file operation into a sentence about `shown`, the path as the caller wrote it. */
export const refuseFileError = (error: unknown, shown: string): Refusal => {
  if (error instanceof Refusal) return error
  switch (systemCode(error)) {
    case "ENOENT":
      return new Refusal(404, `There is no file or folder at ${shown}.`)
    case "ENOTDIR":
      return new Refusal(400, `A part of the path ${shown} is a file, not a folder.`)
    case "EISDIR":
      return new Refusal(400, `${shown} is a folder, not a file.`)
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new Refusal(403, `There is no permission to use ${shown}.`)
    case "ELOOP":
      return new Refusal(400, `The symbolic links of ${shown} go round in a circle.`)
    case "ENAMETOOLONG":
      return new Refusal(400, "The path is too long.")
    case "ENOSPC":
    case "EDQUOT":
      return new Refusal(507, `The disk is full: ${shown} could not be written.`)
    default:
      return new Refusal(500, `${shown}: ${error instanceof Error ? error.message : "the file operation failed"}`)
  }
}
