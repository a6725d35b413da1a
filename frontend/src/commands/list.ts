// Every command there is. Menus, context menu, palette, shortcuts and keys only filter this list.
import { available, type Command } from './command';
import { BUDGET_COMMANDS } from './budget';
import { CANVAS_COMMANDS } from './canvas';
import { DATA_COMMANDS } from './data';
import { EDIT_COMMANDS } from './edit';
import { FILE_COMMANDS } from './file';
import { GO_COMMANDS } from './go';
import { PICK_COMMANDS } from './pick';
import { PICTURE_COMMANDS } from './picture';
import { PROTECT_COMMANDS } from './protect';
import { RECIPE_COMMANDS } from './recipe';
import { SENSITIVITY_COMMANDS } from './sensitivity';
import { VIEW_COMMANDS } from './view';

export const COMMANDS: readonly Command[] = [
  ...FILE_COMMANDS, ...RECIPE_COMMANDS, ...PICTURE_COMMANDS, ...EDIT_COMMANDS, ...DATA_COMMANDS, ...SENSITIVITY_COMMANDS, ...PICK_COMMANDS, ...PROTECT_COMMANDS, ...BUDGET_COMMANDS, ...VIEW_COMMANDS, ...CANVAS_COMMANDS,
  ...GO_COMMANDS,
];

/** The command of an id; throws on a name that is not in the list. */
export function command(id: string): Command {
  const found = COMMANDS.find((one) => one.id === id);
  if (!found) throw new Error(`no command ${id}`);
  return found;
}

/** Runs a command if it can be done now. */
export function run(id: string): void {
  const found = command(id);
  if (available(found)) void found.run();
}
