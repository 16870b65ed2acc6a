// Runs before the first paint, so that a stored theme does not flash. The rest of it is in src/theme/theme.ts.
try {
  const theme = localStorage.getItem("troupe.theme")
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme
} catch {
  // Storage may be blocked; the system's theme applies.
}
