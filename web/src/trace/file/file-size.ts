const KIB = 1024

/** `312 KiB`, `1.4 MiB` */
export const fileSize = (bytes: number): string => {
  if (bytes < KIB) return `${bytes} bytes`
  return bytes < KIB * KIB ? `${Math.round(bytes / KIB)} KiB` : `${(bytes / KIB / KIB).toFixed(1)} MiB`
}
