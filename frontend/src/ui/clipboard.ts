// Puts text on the clipboard, also where the window system gives the page no clipboard API.

/** True when the text was copied. */
export async function copyText(text: string): Promise<boolean> {
  // Qt's web view leaves navigator.clipboard pending for ever unless it was allowed: do not wait long.
  const modern = navigator.clipboard?.writeText(text).then(() => true, () => false) ?? Promise.resolve(false);
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 300));
  return (await Promise.race([modern, late])) || copyBySelection(text);
}

function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'offscreen';
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done;
}
