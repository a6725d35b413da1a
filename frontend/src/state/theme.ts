// Light or dark: the user's choice, or the system's.
import { computed, signal } from '@preact/signals';
import { server } from './session';

const system = typeof matchMedia === 'function' ? matchMedia('(prefers-color-scheme: dark)') : null;
const systemDark = signal(system?.matches ?? false);
system?.addEventListener('change', (event) => {
  systemDark.value = event.matches;
});

export const choice = computed(() => server.value?.settings.theme ?? 'system');

/** The theme that is drawn. */
export const theme = computed<'light' | 'dark'>(() => {
  if (choice.value !== 'system') return choice.value;
  return systemDark.value ? 'dark' : 'light';
});

/**
 * Puts the theme on the page, whose tokens the canvases read. Whoever reads them after a change
 * calls this first: effects on `theme` run before the page is rendered again.
 */
export function applyTheme(): void {
  document.documentElement.dataset.theme = theme.value;
}
