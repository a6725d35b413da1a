// Every menu of the page, each a filter of the list of commands.
import { available, keyText, labelOf, shownKey, type Command } from '../commands/command';
import { enterGraph } from '../commands/go';
import { openPath } from '../commands/file';
import { COLOUR_MODES } from '../canvas/modes/list';
import { COMMANDS, command } from '../commands/list';
import { graphStep } from '../lib/names';
import { bytes, count, plural } from '../lib/numbers';
import { Glyph, Icon } from '../ui/icon';
import { Menu, type MenuEntry } from '../ui/menu';
import { currentPath } from '../state/graph';
import { selected, selectedRows } from '../state/selection';
import { model, recent, server } from '../state/session';
import { popup } from '../state/view';
import { together } from '../state/weights';
import { layersInside } from '../state/within';

const CONTEXT = [
  ['prune.to-2:4', 'prune.to-50', 'prune.form', 'prune.data'],
  ['go.into', 'edit.inside', 'edit.similar', 'edit.same-op', 'edit.matching', 'edit.table'],
  ['prune.protect', 'prune.unprotect', 'edit.copy'],
];
const GROUND = [
  ['view.fit', 'view.zoom-100', 'go.back'],
  ['edit.select-all', 'edit.matching', 'prune.all', 'view.layers', 'view.budget', 'view.model'],
];
const MAIN = [
  ['file.open', 'file.demo', 'file.reload', 'file.save', 'file.save-as', 'file.close'],
  ['file.recipe', 'file.export-recipe', 'file.replay-recipe', 'file.export-masks'],
  ['file.export-png', 'file.export-svg'],
  ['data.choose', 'prune.data', 'view.sensitivity', 'data.effect'],
  ['view.direction', 'view.rows.attributes', 'view.rows.constants', 'view.rows.names'],
  ['view.theme.system', 'view.theme.light', 'view.theme.dark', 'view.wheel', 'view.legend', 'view.full-screen'],
  ['help.palette', 'help.shortcuts'],
];

export function Popups() {
  const open = popup.value;
  if (open === null) return null;
  const close = () => {
    if (popup.value === open) popup.value = null;
  };
  return <Menu key={`${open.kind} ${open.x} ${open.y}`} entries={entriesOf(open.kind)} x={open.x} y={open.y} label={open.kind} onClose={close} />;
}

function entriesOf(kind: NonNullable<typeof popup.value>['kind']): MenuEntry[] {
  switch (kind) {
    case 'context': return contextEntries();
    case 'ground': return sections(GROUND);
    case 'colour': return COLOUR_MODES.map((one) => ({ ...itemOf(command(`view.colour.${one.id}`)), label: one.label }));
    case 'recent': return recentEntries();
    case 'graphs': return graphEntries();
    case 'main': return sections(MAIN);
  }
}

function contextEntries(): MenuEntry[] {
  const rows = selectedRows.value;
  if (selected.value.size === 0) return sections(GROUND);
  const held = layersInside().length;
  const what = selected.value.size === 1
    ? rows[0]?.title ?? (held > 0 ? `${plural(held, 'layer')} inside` : 'no weights')
    : `${plural(selected.value.size, 'operator')} selected`;
  const heading = rows.length > 0 ? `${what} · ${count(together(rows).elements)} weights` : what;
  return [{ heading }, ...sections(CONTEXT)];
}

/** Only commands that can be done now; a section without any leaves no line. */
function sections(groups: readonly (readonly string[])[]): MenuEntry[] {
  const full = groups.map((ids) => ids.map(command).filter(available)).filter((list) => list.length > 0);
  return full.flatMap((list, at): MenuEntry[] => [...(at > 0 ? ['line' as const] : []), ...list.map(itemOf)]);
}

function itemOf(one: Command): Exclude<MenuEntry, 'line' | { heading: string }> {
  const checked = one.checked?.();
  return {
    id: one.id,
    label: labelOf(one),
    checked,
    icon: checked ? <Icon name="check" /> : one.icon && ('icon' in one.icon ? <Icon name={one.icon.icon} /> : <Glyph name={one.icon.glyph} />),
    hotkey: shownKey(one),
    run: () => void one.run(),
  };
}

function recentEntries(): MenuEntry[] {
  const list = recent.value.slice(0, 9);
  if (list.length === 0) return [];
  return [
    { heading: 'Recent' },
    ...list.map((one, at) => ({
      id: one.path, label: one.name, hint: `${one.path}, ${bytes(one.bytes)}`, hotkey: keyText(`Mod+${at + 1}`),
      icon: server.value?.model?.path === one.path ? <Icon name="check" /> : undefined,
      run: () => void openPath(one.path),
    })),
  ];
}

/** The tree of graphs: each by its own step, standing in below the one around it. */
function graphEntries(): MenuEntry[] {
  return (model.value?.graphs ?? []).map((graph) => ({
    id: graph.path, label: graphStep(graph), hint: `${graph.kind} ${graph.path}`, depth: graph.path.split('#').length - 1,
    hotkey: plural(graph.nodes, 'node'), checked: graph.path === currentPath(),
    icon: graph.path === currentPath() ? <Icon name="check" /> : undefined,
    run: () => void enterGraph(graph.path),
  }));
}

/** Commands that can be done now, for the palette. */
export function palette(): Command[] {
  return COMMANDS.filter((one) => available(one) && one.id !== 'help.palette');
}
