import { visibleText } from "../ui/visible-text.ts"

/** A name or a line to be shown. In an opened file each can be of any length, and hold anything. */
export const shortText = (text: string, letters = 80): string =>
  text.length > letters ? `${visibleText(text.slice(0, letters))}…` : visibleText(text)
