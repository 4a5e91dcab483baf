// The chosen theme, set before the app has arrived. web/src/views/topbar.rs stores it.

try {
  const kept = localStorage.getItem("drydock.theme");
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
} catch {
  // No storage: the system's theme stays.
}
