// How the page looks: zoom, panels, theme, help.
import { api } from '../api/client';
import type { Settings } from '../api/schema';
import { choice } from '../state/theme';
import { job, model, server } from '../state/session';
import { dialog, dock, legend, side, viewport } from '../state/view';
import type { Command } from './command';
import { told } from './told';

const ZOOM_STEP = 1.25;

const hasView = () => viewport.value !== null && model.value !== null;
const hasModel = () => model.value !== null;

export async function changeSettings(change: Partial<Settings>): Promise<void> {
  const now = server.value;
  // Shown at once; the server's answer only confirms.
  if (now) server.value = { ...now, settings: { ...now.settings, ...change } };
  await told(api.settings(change));
}

function themeCommand(theme: Settings['theme'], label: string): Command {
  return { id: `view.theme.${theme}`, group: 'View', label, run: () => changeSettings({ theme }), checked: () => choice.value === theme };
}

export const VIEW_COMMANDS: readonly Command[] = [
  { id: 'view.fit', group: 'View', label: 'Fit the graph', hotkeys: ['Space'], icon: { icon: 'fit' }, when: hasView, run: () => viewport.value?.fit(true) },
  {
    id: 'view.zoom-in', group: 'View', label: 'Zoom in', hotkeys: ['Shift+ArrowUp', 'Plus', 'Mod+Plus', 'Mod+='], icon: { icon: 'plus' },
    when: hasView, run: () => viewport.value?.zoomBy(ZOOM_STEP),
  },
  {
    id: 'view.zoom-out', group: 'View', label: 'Zoom out', hotkeys: ['Shift+ArrowDown', '-', 'Mod+-'], icon: { icon: 'minus' },
    when: hasView, run: () => viewport.value?.zoomBy(1 / ZOOM_STEP),
  },
  {
    id: 'view.zoom-100', group: 'View', label: 'Zoom to 100 %', hotkeys: ['Shift+Backspace', 'Mod+0'], when: hasView,
    run: () => viewport.value?.setZoom(1),
  },
  {
    id: 'view.model', group: 'View', label: 'Model', hotkeys: ['Mod+Enter'], icon: { icon: 'info' }, when: hasModel,
    run: () => {
      side.value = side.value === 'model' ? 'none' : 'model';
    },
  },
  {
    id: 'view.layers', group: 'View', label: 'Table of layers', hotkeys: ['T'], icon: { icon: 'table' }, when: hasModel,
    run: () => {
      dock.value = !dock.value;
    },
  },
  {
    id: 'view.legend', group: 'View', label: () => (legend.value ? 'Hide the legend' : 'Show the legend'), hotkeys: ['L'], when: hasModel,
    run: () => {
      legend.value = !legend.value;
    },
  },
  {
    id: 'view.cancel', group: 'View', label: 'Cancel the running task', when: () => job.value !== null,
    run: async () => void (await told(api.cancel(job.value!.id))),
  },
  themeCommand('system', 'Theme: as the system'),
  themeCommand('light', 'Theme: light'),
  themeCommand('dark', 'Theme: dark'),
  {
    id: 'view.wheel', group: 'View', hotkeys: ['Mod+M'],
    label: () => (server.value?.settings.wheel === 'zoom' ? 'Wheel scrolls' : 'Wheel zooms'),
    run: () => changeSettings({ wheel: server.value?.settings.wheel === 'zoom' ? 'scroll' : 'zoom' }),
  },
  {
    id: 'help.palette', group: 'Help', label: 'Every command…', hotkeys: ['Mod+Shift+P'],
    run: () => {
      dialog.value = { kind: 'palette' };
    },
  },
  {
    id: 'help.shortcuts', group: 'Help', label: 'Keys and gestures', hotkeys: ['F1', '?'],
    run: () => {
      dialog.value = { kind: 'shortcuts' };
    },
  },
];
