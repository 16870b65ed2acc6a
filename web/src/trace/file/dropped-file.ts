/** A file that was dropped onto a page, until the page that shows it takes it. */
let dropped: File | undefined

export const keepDropped = (file: File): void => {
  dropped = file
}

/** Given once. */
export const takeDropped = (): File | undefined => {
  const file = dropped
  dropped = undefined
  return file
}
