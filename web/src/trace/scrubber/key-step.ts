interface Key {
  readonly key: string
  readonly ctrlKey: boolean
  readonly altKey: boolean
  readonly metaKey: boolean
}

interface Versions {
  readonly shown: number
  readonly first: number
  readonly last: number
}

/** Versions that PageUp and PageDown leap over. */
const PAGE = 20

/** Which version a key leads to; undefined for keys that mean nothing here. */
export const keyStep = (
  { key, ctrlKey, altKey, metaKey }: Key,
  { shown, first, last }: Versions,
): number | undefined => {
  if (ctrlKey || altKey || metaKey) return undefined
  const step: Readonly<Record<string, number>> = {
    ArrowLeft: shown - 1,
    ArrowRight: shown + 1,
    PageUp: shown - PAGE,
    PageDown: shown + PAGE,
    Home: first,
    End: last,
  }
  const next = step[key]
  return next === undefined ? undefined : Math.min(last, Math.max(first, next))
}
