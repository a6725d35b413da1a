// What the first picture does without: panels, tables, dialogs, menus and the pages without a model.
import '../styles/data.css';
import '../styles/prune.css';
import '../styles/storage.css';
import '../styles/weight.css';

export { BudgetBar } from '../panels/BudgetBar';
export { EffectPanel } from '../panels/EffectPanel';
export { LayerTable } from '../panels/LayerTable';
export { ModelPanel } from '../panels/ModelPanel';
export { NodePanel } from '../panels/NodePanel';
export { PrunePanel } from '../panels/PrunePanel';
export { SensitivityPanel } from '../panels/SensitivityPanel';
export { Dialogs } from './Dialogs';
export { ErrorPage } from './ErrorPage';
export { Popups } from './Popups';
export { StartPage } from './StartPage';
