import { useSyncExternalStore } from "react"

/** Whether a media query holds, and again when that changes. The query stays the same from one render to the next. */
export const useMedia = (query: string): boolean => {
  const subscribe = (listener: () => void) => {
    const media = matchMedia(query)
    media.addEventListener("change", listener)
    return () => media.removeEventListener("change", listener)
  }
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches)
}
